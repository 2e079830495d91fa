import type { Detector } from '../../detector.ts';
import { childrenOf, exactPaths } from '../../path-pattern.ts';
import { readDpkgStatus } from './parse-status.ts';

/**
 * Reads dpkg's package databases: the file `status`, and the directory `status.d` of distroless images with one file
 * for each package.
 */
export const dpkg: Detector = {
  id: 'dpkg',
  kind: 'packages',
  version: 3,
  wants: [...exactPaths('var/lib/dpkg/status'), ...childrenOf('var/lib/dpkg/status.d')],
  read: readDpkgStatus,
};
