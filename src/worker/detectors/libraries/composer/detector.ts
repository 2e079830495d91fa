import type { Detector } from '../../detector.ts';
import { readInstalledJson } from './installed-json.ts';

/** Reads the packages that Composer installed. */
export const composerPackages: Detector = {
  id: 'composer-packages',
  kind: 'features',
  version: 1,
  wants: [
    { kind: 'basename', name: 'installed.json', parentSuffix: 'composer', accepts: (path) => placeOf(path) !== null },
  ],
  read(path, bytes) {
    const place = placeOf(path);
    return place === null ? { diagnostics: [] } : readInstalledJson(path, bytes, place === 'bundled');
  },
  coverage: {
    use: 'Composer packages, from `vendor/composer/installed.json` of Composer 1 and 2',
    notes: [
      'composer.lock is not read, because its packages are not necessarily installed. Composer 1 does not record which packages are for development.',
    ],
  },
};

const INSTALLED = ['vendor', 'composer', 'installed.json'];

const TEST_DATA = /^(?:tests?|fixtures?)$/i;

/**
 * Returns which packages a file lists: the packages of a project, or packages that another package ships; null for
 * other files and for test data of a package. Composer installs each package in `vendor/VENDOR/NAME`, never inside
 * another package.
 */
function placeOf(path: string): 'project' | 'bundled' | null {
  const names = path.split('/');
  const own = names.length - INSTALLED.length;
  if (INSTALLED.some((name, at) => names[own + at] !== name)) return null;
  const outer = names.indexOf('vendor');
  const inPackage = names.slice(outer + 3, own);
  if (outer === own || own < outer + 3) return 'project';
  return inPackage.some((name) => TEST_DATA.test(name)) ? null : 'bundled';
}
