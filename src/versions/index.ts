import { apk } from './apk.ts';
import { composer } from './composer.ts';
import { dpkg } from './dpkg.ts';
import { presence } from './presence.ts';
import { gem } from './gem.ts';
import { golang } from './golang.ts';
import { maven } from './maven.ts';
import { nuget } from './nuget.ts';
import { pep440 } from './pep440.ts';
import { rpm } from './rpm.ts';
import type { VersionScheme } from './scheme.ts';
import { semver } from './semver.ts';

/** The identifiers of the version schemes. */
export type SchemeId =
  | 'apk'
  | 'composer'
  | 'dpkg'
  | 'gem'
  | 'golang'
  | 'maven'
  | 'nuget'
  | 'pep440'
  | 'presence'
  | 'rpm'
  | 'semver';

/** All version schemes, by identifier. */
export const SCHEMES: { readonly [Id in SchemeId]: VersionScheme<Id> } = {
  apk,
  composer,
  dpkg,
  gem,
  golang,
  maven,
  nuget,
  pep440,
  presence,
  rpm,
  semver,
};

/** The identifiers of the version schemes as text for messages and documentation, in the form `apk, dpkg or rpm`. */
export const SCHEME_LIST: string = Object.keys(SCHEMES)
  .join(', ')
  .replace(/, ([^,]*)$/, ' or $1');

/** Returns the scheme identifier that a `VersionFormat` of the v1 API states; undefined for any other word. */
export function parseSchemeId(word: string): SchemeId | undefined {
  return Object.values(SCHEMES).find(({ id }) => id === word)?.id;
}
