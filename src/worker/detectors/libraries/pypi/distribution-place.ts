/**
 * The role of a distribution by its place: installed, vendored (copied into another distribution), or test data of
 * Python or of another distribution. A `left-over` distribution remains after an upgrade that pip did not finish; its
 * name starts with `~`, which neither Python nor pip accepts.
 */
export type DistributionPlace = 'installed' | 'vendored' | 'test-data' | 'left-over';

/** Directories that Python imports from; Debian uses `dist-packages`. */
const IMPORT_DIRECTORIES: ReadonlySet<string> = new Set(['site-packages', 'dist-packages']);

const VENDOR_DIRECTORIES: ReadonlySet<string> = new Set(['_vendor', '_vendored']);

const TEST_DIRECTORIES: ReadonlySet<string> = new Set(['test', 'tests']);

/** The directory of the standard library, such as `python3.13` or `pypy3.10`. */
const STANDARD_LIBRARY = /^(?:python|pypy)[0-9][0-9.]*$/;

/**
 * Returns the role of a distribution.
 *
 * @param path the `.dist-info`, `.egg-info` or `.egg` file or directory
 */
export function placeOfDistribution(path: string): DistributionPlace {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  if (name.startsWith('~')) return 'left-over';
  if (isBelowTests(segments)) return 'test-data';
  const root = segments.findLastIndex((segment) => IMPORT_DIRECTORIES.has(segment));
  const isInPackage = root !== -1 && root < segments.length - 1;
  return isInPackage || segments.some((segment) => VENDOR_DIRECTORIES.has(segment)) ? 'vendored' : 'installed';
}

/** Returns whether Python imports from a directory above the path. */
export function isImported(path: string): boolean {
  return path.split('/').some((segment) => IMPORT_DIRECTORIES.has(segment));
}

/** The standard library keeps its tests in `test`, such as the eggs of `test_importlib`. */
function isBelowTests(segments: readonly string[]): boolean {
  const root = segments.findIndex((segment) => IMPORT_DIRECTORIES.has(segment));
  if (root !== -1) return segments.slice(root + 1).some((segment) => TEST_DIRECTORIES.has(segment));
  return segments.some((segment, at) => segment === 'test' && STANDARD_LIBRARY.test(segments[at - 1] ?? ''));
}
