import type { Detector } from '../detector.ts';

/**
 * Collects directory links in the paths that packages list: a package lists `lib/x`, the file is `usr/lib/x`, and `lib`
 * links to `usr/lib`. Distributions link whole directories at most two levels deep: `sbin`, `usr/lib64`, `usr/sbin`,
 * `usr/local`. The links are needed only when file owners are read.
 */
export const directoryLinks: Detector = {
  id: 'directory-links',
  kind: 'owners',
  version: 1,
  wants: [],
  read: () => ({ diagnostics: [] }),
  withFiles: () => ({ ...directoryLinks, wants: [{ kind: 'link', depth: 2 }] }),
};
