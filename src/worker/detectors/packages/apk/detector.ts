import type { Detector } from '../../detector.ts';
import { exactPaths } from '../../path-pattern.ts';
import { readApkInstalled } from './parse-installed.ts';
import { readApkFileLists } from './read-file-lists.ts';

/** Reads apk's package database, which is below `usr` in releases that merge the root directories into `usr`. */
export const apk: Detector = {
  id: 'apk',
  kind: 'packages',
  version: 4,
  wants: exactPaths('lib/apk/db/installed', 'usr/lib/apk/db/installed'),
  read: readApkInstalled,
  coverage: { use: 'matched by origin', notes: ['Virtual packages (`.name`) are listed but never checked.'] },
  withFiles: (wants) => ({
    ...apk,
    read(path, bytes) {
      const found = readApkInstalled(path, bytes);
      const { owned, diagnostics } = readApkFileLists(path, bytes, wants);
      return {
        ...found,
        ...(owned.length > 0 && { ownedPaths: owned }),
        diagnostics: [...found.diagnostics, ...diagnostics],
      };
    },
  }),
};
