/** The place of a file relative to installed npm packages. */
export type PackagePlace =
  /** The file is directly in the directory of a package. */
  | 'package'
  /** The file is directly in a `node_modules` directory. */
  | 'container'
  /** The file is deeper in a package, such as a test, or in a directory that is not a package, such as `.bin`. */
  | 'below'
  /** The file is outside every `node_modules` directory and every directory of an {@link UNPACKED} package. */
  | 'outside';

/**
 * Debian installs packages in these directories instead of `node_modules`, as `NAME` or `@SCOPE/NAME`. The directories
 * in `lib` contain packages with native code (Debian's Javascript policy, section 3).
 */
const DEBIAN = /^usr\/(?:share|lib|lib\/[^/]+-linux-[^/]+)\/nodejs\//;

/**
 * Directories in `node_modules` that contain each package at its real path, as `ID/node_modules/NAME`; the packages in
 * `node_modules` are links to these directories. pnpm, Yarn (`nodeLinker: pnpm`), npm (`install-strategy=linked`), Bun
 * and Deno use such directories.
 */
const STORES: ReadonlySet<string> = new Set(['.pnpm', '.store', '.bun', '.deno']);

/**
 * Meteor installs the npm packages that the Meteor package NAME needs in `node_modules/meteor/NAME/node_modules`,
 * without a package.json in `meteor/NAME`.
 */
const METEOR = 'meteor';

const CONTAINER = 'node_modules';

/** Directories of a package with files for its tests and documentation, such as applications with dependencies. */
const TEST_DATA = /^_{0,2}(?:tests?|testdata|specs?|fixtures?|mocks?|examples?|demos?|benchmarks?)_{0,2}$/i;

/**
 * Package managers outside `node_modules`: Yarn 1, which the official Node.js images unpack to `/opt/yarn-vVERSION`, and
 * the cache of Corepack (`~/.cache/node/corepack/v1/pnpm/VERSION`).
 */
const UNPACKED = /(?:^|\/)(?:yarn-v\d[^/]*|(?:corepack|v\d+)\/(?:npm|pnpm|yarn)\/\d[^/]*)\/[^/]+$/;

/**
 * Returns the place of the file at `path`. The `node_modules` directory of an application can be anywhere. Installers
 * nest a `node_modules` directory only in the directory of a package. A package can ship further `node_modules`
 * directories (pnpm in `dist`, protobufjs in `cli`, code-server in `lib/vscode`); those below a {@link TEST_DATA}
 * directory of the package are ignored.
 */
export function packagePlace(path: string): PackagePlace {
  const names = path.split('/');
  const end = names.length - 1;
  let at = firstContainer(path, names);
  if (at === undefined || at > end) return UNPACKED.test(path) ? 'package' : 'outside';
  while (at < end) {
    const after = packageEnd(names, at, end);
    if (after === undefined || after > end) return 'below';
    if (after === end) return 'package';
    const nested = names.indexOf(CONTAINER, after);
    if (nested === -1 || nested > end) return 'below';
    if (names.slice(after, nested).some((name) => TEST_DATA.test(name))) return 'below';
    at = nested + 1;
  }
  return 'container';
}

/** Returns the position of the first name in the outermost container. */
function firstContainer(path: string, names: readonly string[]): number | undefined {
  const debian = DEBIAN.exec(path)?.[0];
  if (debian !== undefined) return debian.split('/').length - 1;
  const at = names.indexOf(CONTAINER);
  return at === -1 ? undefined : at + 1;
}

/**
 * Returns the position after the names of the package that starts at `at` in a container; undefined if there is no
 * package.
 */
function packageEnd(names: readonly string[], at: number, end: number): number | undefined {
  const name = names[at] ?? '';
  if (STORES.has(name)) return storedEnd(names, at, end);
  if (name === METEOR && names[at + 2] === CONTAINER) return at + 2;
  if (name.startsWith('.')) return undefined;
  return name.startsWith('@') ? at + 2 : at + 1;
}

/** Yarn stores packages at `.store/ID/package`. IDs in old pnpm versions consist of several directory names. */
function storedEnd(names: readonly string[], at: number, end: number): number | undefined {
  if (names[at] === '.store' && names[at + 2] === 'package') return at + 3;
  const container = names.indexOf(CONTAINER, at + 1);
  return container === -1 || container > end ? undefined : container;
}
