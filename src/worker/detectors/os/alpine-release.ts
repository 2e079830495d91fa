import type { Detector } from '../detector.ts';
import { exactPaths } from '../path-pattern.ts';
import { readFirstLine } from './debian-version.ts';

/** Reads Alpine's one-line release file: `3.18.9`, or `3.21.0_alpha20240923` in edge (package alpine-release). */
export const alpineRelease: Detector = {
  id: 'alpine-release',
  kind: 'os',
  version: 1,
  wants: exactPaths('etc/alpine-release'),
  read: (path, bytes) => readFirstLine(path, bytes, 'ALPINE_VERSION'),
};
