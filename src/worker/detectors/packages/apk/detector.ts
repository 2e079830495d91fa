import type { Detector } from '../../detector.ts';
import { exactPaths } from '../../path-pattern.ts';
import { readApkInstalled } from './parse-installed.ts';
import { readApkFileLists } from './read-file-lists.ts';

/** The package database of apk; the one below `usr` where the directories of the root are merged into it. */
export const apk: Detector = {
  id: 'apk',
  kind: 'packages',
  version: 2,
  wants: exactPaths('lib/apk/db/installed', 'usr/lib/apk/db/installed'),
  read: readApkInstalled,
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
