import type { Detector } from '../../detector.ts';
import { exactPaths } from '../../path-pattern.ts';
import { readApkInstalled } from './parse-installed.ts';

/** The package database of apk; the one below `usr` where the directories of the root are merged into it. */
export const apk: Detector = {
  id: 'apk',
  kind: 'packages',
  version: 2,
  wants: exactPaths('lib/apk/db/installed', 'usr/lib/apk/db/installed'),
  read: readApkInstalled,
};
