import { apk } from './apk.ts';
import { dpkg } from './dpkg.ts';
import { rpm } from './rpm.ts';
import type { SchemeId, VersionScheme } from './scheme.ts';

/** The list of the version schemes, by identifier. */
export const SCHEMES: Readonly<Record<SchemeId, VersionScheme>> = { apk, dpkg, rpm };
