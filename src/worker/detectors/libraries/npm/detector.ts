import type { Detector } from '../../detector.ts';
import { HIDDEN_LOCKFILE, readHiddenLockfile } from './hidden-lockfile.ts';
import { readPackageJson } from './package-json.ts';
import { packagePlace } from './package-place.ts';
import { readPlugAndPlay } from './pnp-registry.ts';
import { STORED_MANIFESTS } from './store-file.ts';

/** Reads the npm packages that npm, pnpm, Yarn, Bun, Deno or Debian's package manager installed. */
export const npmPackages: Detector = {
  id: 'npm-packages',
  kind: 'features',
  version: 3,
  wants: [{ kind: 'basename', name: 'package.json', accepts: (path) => packagePlace(path) === 'package' }],
  read: (path, bytes) => (packagePlace(path) === 'package' ? readPackageJson(path, bytes) : { diagnostics: [] }),
  linked: STORED_MANIFESTS,
  coverage: {
    use: 'npm packages in `node_modules`, and in `/usr/share/nodejs` on Debian, from the package.json of each package; npm, pnpm and Yarn 1 also in the cache of Corepack and in `yarn-vVERSION`',
    notes: [
      'Lock files such as package-lock.json are not read, because their packages are not necessarily installed. Code that a bundler copied into a single file is not found.',
      'The `node_modules` directories in a package are read, except below its directories for tests, examples and benchmarks.',
    ],
  },
};

/** Reads which installed npm packages are only for development, and which are shipped inside another package. */
export const npmHiddenLockfile: Detector = {
  id: 'npm-hidden-lockfile',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'basename', name: HIDDEN_LOCKFILE, parentSuffix: 'node_modules', accepts: isHiddenLockfile }],
  read: (path, bytes) => (isHiddenLockfile(path) ? readHiddenLockfile(path, bytes) : { diagnostics: [] }),
  coverage: {
    use: 'marks npm packages as `dev` or `bundled`, from `node_modules/.package-lock.json` of npm 7 and later',
    notes: [
      'npm packages that Yarn or pnpm installed never have the flag `dev`, because Clair reads this flag only from the file of npm.',
    ],
  },
};

/** Reads the packages of projects with Yarn Plug'n'Play, which are in zip files. */
export const yarnPlugAndPlay: Detector = {
  id: 'yarn-plug-and-play',
  kind: 'features',
  version: 3,
  wants: ['.pnp.cjs', '.pnp.js', '.pnp.data.json'].map((name) => ({ kind: 'basename', name, accepts: isOutside })),
  read: (path, bytes) => (isOutside(path) ? readPlugAndPlay(path, bytes) : { diagnostics: [] }),
  coverage: {
    use: "npm packages of projects with Yarn Plug'n'Play, from `.pnp.cjs` or `.pnp.data.json` of Yarn 2 and later",
    notes: [
      'Packages that do not come from a registry, and projects of Yarn 1, are not read and cause the diagnostic `project-unreadable`.',
    ],
  },
};

function isHiddenLockfile(path: string): boolean {
  return path.endsWith(`node_modules/${HIDDEN_LOCKFILE}`) && packagePlace(path) === 'container';
}

function isOutside(path: string): boolean {
  return packagePlace(path) === 'outside';
}
