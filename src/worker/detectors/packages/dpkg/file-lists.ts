import type { Detector, FileFacts } from '../../detector.ts';
import { childrenEndingIn, exactPaths } from '../../path-pattern.ts';
import type { FileFilter } from '../owned-paths.ts';
import { parseDiversions } from './parse-diversions.ts';
import { readDpkgFileList } from './read-file-list.ts';

/** The file in which dpkg records diverted files. */
const DIVERSIONS = 'var/lib/dpkg/diversions';

/**
 * Reads dpkg's file lists. The directory `info` contains a list for each package; in distroless images, each list is
 * next to a file of `status.d`. Does not read `info/*.md5sums`, which name fewer files than the lists; dpkg treats a
 * package without a list as a package without files (lib/dpkg/db-fsys-files.c).
 */
export const dpkgFileLists: Detector = {
  id: 'dpkg-file-lists',
  kind: 'owners',
  version: 2,
  wants: [],
  read: () => ({ diagnostics: [] }),
  withFiles: (wants) => ({
    ...dpkgFileLists,
    wants: [
      ...exactPaths(DIVERSIONS),
      childrenEndingIn('.list', 'var/lib/dpkg/info'),
      childrenEndingIn('.md5sums', 'var/lib/dpkg/status.d'),
    ],
    read: (path, bytes) => readOwners(path, bytes, wants),
  }),
};

function readOwners(path: string, bytes: Uint8Array, wants: FileFilter): FileFacts {
  if (path === DIVERSIONS) {
    const { diversions, diagnostics } = parseDiversions(path, bytes, wants);
    return { ...(diversions.length > 0 && { diversions }), diagnostics: diagnostics };
  }
  const { owned, diagnostics } = readDpkgFileList(path, bytes, wants);
  return { ...(owned.length > 0 && { ownedPaths: owned }), diagnostics: diagnostics };
}
