import type { Detector } from '../detector.ts';
import { exactPaths } from '../path-pattern.ts';
import { readAssignments } from './os-release.ts';

/** Reads the release file of the Linux Standard Base (lsb_release(1)), which Ubuntu used before os-release. */
export const lsbRelease: Detector = {
  id: 'lsb-release',
  kind: 'os',
  version: 1,
  wants: exactPaths('etc/lsb-release'),
  read: (path, bytes) => readAssignments(path, bytes, 'DISTRIB_ID=Ubuntu'),
};
