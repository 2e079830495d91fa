import { dpkg } from './dpkg.ts';
import type { SchemeId, VersionScheme } from './scheme.ts';

/** The list of the version schemes, by identifier. */
export const SCHEMES: Readonly<Record<SchemeId, VersionScheme>> = { dpkg };
