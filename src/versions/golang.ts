/**
 * The version scheme of Go, for versions of modules (go.dev/ref/mod#versions) and versions of toolchains
 * (go.dev/doc/toolchain#version), which are the versions of the module `stdlib`. The key has the form of a key of the
 * scheme `semver`:
 *
 *     module    = [`v`] number [`.` number [`.` number [`-` pre-release] [`+` build]]]
 *     toolchain = [`go`] number [`.` number [`.` number | kind [number]]] [suffix]
 *     kind      = `beta` | `rc` | after `go` any lower-case letters
 *     suffix    = ` X:` or `-X:` and experiments | ` (` and a vendor
 *               | after `go` anything that starts with a blank or hyphen
 *
 * An absent number is 0, and `1.21rc2` is 1.21.0-rc.2, as in the Go vulnerability database. A pseudo-version is an
 * ordinary pre-release. Build metadata such as `+incompatible` and `+dirty`, and the suffix of a toolchain, do not
 * affect the order.
 */
import { invalidVersion } from './keys/invalid-version.ts';
import { createScheme, type VersionScheme } from './scheme.ts';
import { semverKey, type SemverPrecedence } from './semver.ts';

/** The maximum length of a version. Go has no limit; the longest version in OSV data for Go has 52 characters. */
const MAX_VERSION_LENGTH = 1024;

/**
 * Orders module versions, with or without `v`, as golang.org/x/mod/semver does, and toolchain versions as the package
 * `go/version` does. That package ranks the language version `go1.21` before `go1.21rc1`; in this scheme, `1.21` equals
 * 1.21.0, because it may be the version of a module or a toolchain. The scheme rejects versions of builds of a source
 * tree (`(devel)`, `devel …`, `go1.25-devel_…`, `go1.20-pre4`), because the order of these versions relative to the
 * releases is unknown.
 */
export const golang: VersionScheme<'golang'> = createScheme('golang', key);

const NUMBER = '(0|[1-9][0-9]*)';
/** Matches an identifier. An identifier that consists of digits has no leading zero. */
const IDENTIFIER = '(?!0[0-9]+(?![0-9A-Za-z-]))[0-9A-Za-z-]+';
const BUILD = String.raw`\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`;
const MODULE = new RegExp(
  String.raw`^v?${NUMBER}(?:\.${NUMBER}(?:\.${NUMBER}(?:-(${IDENTIFIER}(?:\.${IDENTIFIER})*))?(?:${BUILD})?)?)?$`,
);
const TOOLCHAIN = new RegExp(
  String.raw`^(?:go)?${NUMBER}(?:\.${NUMBER}(?:\.${NUMBER}|([a-z]+)${NUMBER}?)?)?([- ].*)?$`,
);

function key(version: string): Uint8Array {
  if (version === '') throw invalidVersion(version, 'is empty');
  if (version.length > MAX_VERSION_LENGTH)
    throw invalidVersion(version, `is longer than ${MAX_VERSION_LENGTH} characters`);
  return semverKey(moduleVersion(version) ?? toolchainVersion(version));
}

function moduleVersion(version: string): SemverPrecedence | undefined {
  const [understood, major = '', minor = '', patch = '', preRelease] = MODULE.exec(version) ?? [];
  return understood === undefined ? undefined : { numbers: [major, minor, patch], preRelease };
}

function toolchainVersion(version: string): SemverPrecedence {
  if (/^\(?devel\b|^go[^ -]*-(?:devel|pre[0-9])/.test(version)) throw invalidVersion(version, 'is not a release of Go');
  const [understood, major = '', minor = '', patch = '', kind, count, suffix = ''] = TOOLCHAIN.exec(version) ?? [];
  const isToolchain = version.startsWith('go') || (/^(?:beta|rc)?$/.test(kind ?? '') && /^$|^[- ]X:|^ \(/.test(suffix));
  if (understood === undefined || !isToolchain)
    throw invalidVersion(version, 'is not a version of a Go module or toolchain (examples: v1.2.3, go1.21.3)');
  return { numbers: [major, minor, patch], preRelease: count === undefined ? kind : `${kind}.${count}` };
}
