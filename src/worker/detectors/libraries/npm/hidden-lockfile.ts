import { shownName } from '../../../../bytes/tar/name.ts';
import type { LibraryFlag } from '../../../../model/feature.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import type { FeatureMark, FileFacts } from '../../detector.ts';
import { objectOf, readJson } from '../json-value.ts';
import { packagePlace } from './package-place.ts';

/** The lockfile of a project with 10,000 packages is about 5 MiB. */
export const MAX_LOCKFILE_BYTES: number = 16 * 1024 * 1024;

/** PATH_MAX on Linux. */
const MAX_PATH_LENGTH = 4096;

/** The largest projects have fewer than 10,000 packages. */
export const MAX_MARKED_PACKAGES = 20_000;

export const HIDDEN_LOCKFILE = '.package-lock.json';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads `node_modules/.package-lock.json`, the list of installed packages that npm 7 and later write: marks development
 * packages with `dev` and packages shipped inside another package with `bundled`. Adds no packages, because installed
 * packages are read from their own files; if this file is invalid, only the marks are missing.
 *
 * `devOptional` does not mark a package: such a package is also an optional dependency of the application. Links point
 * to packages of the project itself. Source: package-lock.json in the npm documentation.
 */
export function readHiddenLockfile(path: string, bytes: Uint8Array): FileFacts {
  const reading = readJson(bytes, MAX_LOCKFILE_BYTES);
  if ('problem' in reading) return unreadable(path, `it ${reading.problem}`);
  const packages = objectOf(objectOf(reading.value)?.['packages']);
  if (packages === undefined) return unreadable(path, 'it has no object `packages`');
  const root = path.slice(0, -`node_modules/${HIDDEN_LOCKFILE}`.length);
  const marks: FeatureMark[] = [];
  for (const [key, entry] of Object.entries(packages)) {
    const place = `${root}${key}/package.json`;
    const flags = flagsOf(key, objectOf(entry) ?? {}, packages);
    if (flags.length === 0 || !isRealPath(place) || packagePlace(place) !== 'package') continue;
    if (marks.length >= MAX_MARKED_PACKAGES) return { marks, diagnostics: [full(path)] };
    marks.push({ path: place, flags });
  }
  return { marks, diagnostics: [] };
}

function flagsOf(key: string, { dev, inBundle, link }: Fields, packages: Fields): readonly LibraryFlag[] {
  if (link === true) return [];
  const isBundled = inBundle === true && hasBundler(key, packages);
  return [...(dev === true ? ['dev' as const] : []), ...(isBundled ? ['bundled' as const] : [])];
}

const NESTED = '/node_modules/';

/**
 * Returns whether a package whose directory contains this package also ships this package. Packages that the project
 * itself bundles when it is published have the field `inBundle`, too; npm keeps the packages that another package ships
 * below that package.
 */
function hasBundler(key: string, packages: Fields): boolean {
  for (let at = key.lastIndexOf(NESTED); at > 0; at = key.lastIndexOf(NESTED, at - 1)) {
    if (objectOf(packages[key.slice(0, at)])?.['bundleDependencies'] !== undefined) return true;
  }
  return false;
}

/** Returns whether a path is not too long and has no empty, `.` or `..` segment; only links have such keys. */
function isRealPath(path: string): boolean {
  return path.length <= MAX_PATH_LENGTH && !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path);
}

function unreadable(path: string, why: string): FileFacts {
  return { diagnostics: [unmarked(path, `${shownName(path)} is not a valid list of installed packages: ${why}`)] };
}

function full(path: string): Diagnostic {
  return unmarked(
    path,
    `only the first ${MAX_MARKED_PACKAGES} packages that ${shownName(path)} marks as development or bundled packages were read`,
  );
}

function unmarked(where: string, message: string): Diagnostic {
  return { code: 'package-flags-unreadable', message, where };
}
