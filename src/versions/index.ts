import { apk } from './apk.ts';
import { dpkg } from './dpkg.ts';
import { rpm } from './rpm.ts';
import type { VersionScheme } from './scheme.ts';

/** The identifiers of the version schemes. */
export type SchemeId = 'apk' | 'dpkg' | 'rpm';

/** The list of the version schemes, by identifier. */
export const SCHEMES: { readonly [Id in SchemeId]: VersionScheme<Id> } = { apk, dpkg, rpm };

/** Returns the scheme of a `VersionFormat` of the v1 API; undefined for any other word. */
export function parseSchemeId(word: string): SchemeId | undefined {
  return Object.values(SCHEMES).find(({ id }) => id === word)?.id;
}
