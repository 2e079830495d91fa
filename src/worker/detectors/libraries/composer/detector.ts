import type { Detector } from '../../detector.ts';
import { type ListPlace, readInstalledJson } from './installed-json.ts';

/** Reads the packages that Composer installed. */
export const composerPackages: Detector = {
  id: 'composer-packages',
  kind: 'features',
  version: 2,
  wants: [
    { kind: 'basename', name: 'installed.json', parentSuffix: 'composer', accepts: (path) => placeOf(path) !== null },
  ],
  read(path, bytes) {
    const place = placeOf(path);
    return place === null ? { diagnostics: [] } : readInstalledJson(path, bytes, place);
  },
  coverage: {
    use: 'Composer packages, from `composer/installed.json` in `vendor` or another `vendor-dir`, of Composer 1 and 2',
    notes: [
      'composer.lock is not read, because its packages are not necessarily installed. Composer 1 does not record which packages are for development.',
    ],
  },
};

const INSTALLED = ['composer', 'installed.json'];

/** The default of Composer's setting `vendor-dir`; Nextcloud sets `3rdparty`, and ownCloud `lib/composer`. */
const VENDOR = 'vendor';

const TEST_DATA = /^(?:tests?|fixtures?)$/i;

/**
 * Returns the place of a file that can be Composer's list of packages; null for other files and for test data of a
 * package. Composer installs each package in `vendor/VENDOR/NAME`, never inside another package.
 */
function placeOf(path: string): ListPlace | null {
  const names = path.split('/');
  const own = names.length - INSTALLED.length - 1;
  if (INSTALLED.some((name, at) => names[own + 1 + at] !== name)) return null;
  const isStandard = names[own] === VENDOR;
  const outer = names.indexOf(VENDOR);
  if (outer === -1 || outer === own || own < outer + 3) return { isStandard, isBundled: false };
  const inPackage = names.slice(outer + 3, own);
  return inPackage.some((name) => TEST_DATA.test(name)) ? null : { isStandard, isBundled: true };
}
