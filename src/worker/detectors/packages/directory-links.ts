import type { Detector } from '../detector.ts';

/**
 * The links of directories, through which packages list their files: a package lists a file at `lib/x` that lies at `usr/lib/x`,
 * where `lib` is a link to `usr/lib`. Distributions move whole directories at the root or directly below one of its directories:
 * `sbin`, `usr/lib64`, `usr/sbin`, `usr/local`. Wanted only where the owners of files are read.
 */
export const directoryLinks: Detector = {
  id: 'directory-links',
  kind: 'owners',
  version: 1,
  wants: [],
  read: () => ({ diagnostics: [] }),
  withFiles: () => ({ ...directoryLinks, wants: [{ kind: 'link', depth: 2 }] }),
};
