import type { Detector, FileFacts } from '../detector.ts';
import { childrenOf, exactPaths } from '../path-pattern.ts';

/**
 * Reads the Alpine branches that apk is configured to use (apk-repositories(5)), because packages from a branch other
 * than the system's own may be installed.
 */
export const apkRepositories: Detector = {
  id: 'apk-repositories',
  kind: 'os',
  version: 2,
  wants: [...exactPaths('etc/apk/repositories'), ...childrenOf('etc/apk/repositories.d')],
  read: readApkRepositories,
};

/**
 * Returns the branches without duplicates, separated by blanks. `BRANCHES` contains the branches of ordinary lines, and
 * `TAGGED` the branches of lines that apply only to selected packages.
 */
function readApkRepositories(path: string, bytes: Uint8Array): FileFacts {
  // apk reads only files with this suffix in the directory.
  if (path.includes('/repositories.d/') && !path.endsWith('.list')) return { diagnostics: [] };
  const branches = new Set<string>();
  const tagged = new Set<string>();
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0]?.startsWith('#') === true) continue;
    // The branch is the second-to-last segment of `ADDRESS/BRANCH/REPOSITORY`, or the last segment of the address in
    // the apk 3 form, `ADDRESS/BRANCH REPOSITORY…`.
    const address = words.find((word) => word.includes('/')) ?? '';
    const branch = address.split('/').findLast((segment) => BRANCH_PATTERN.test(segment));
    if (branch !== undefined) (words[0]?.startsWith('@') === true ? tagged : branches).add(branch);
  }
  const release = {
    ...(branches.size > 0 && { BRANCHES: [...branches].join(' ') }),
    ...(tagged.size > 0 && { TAGGED: [...tagged].join(' ') }),
  };
  return Object.keys(release).length > 0 ? { release, diagnostics: [] } : { diagnostics: [] };
}

const BRANCH_PATTERN = /^(?:v\d+\.\d+|edge|latest-stable)$/;
