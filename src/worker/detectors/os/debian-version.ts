import type { Detector, FileFacts } from '../detector.ts';
import { exactPaths } from '../path-pattern.ts';

/** Reads Debian's one-line release file: `12.5`, or `forky/sid` in testing and unstable (package base-files). */
export const debianVersion: Detector = {
  id: 'debian-version',
  kind: 'os',
  version: 1,
  wants: exactPaths('etc/debian_version'),
  read: (path, bytes) => readFirstLine(path, bytes, 'DEBIAN_VERSION'),
};

/** Reads a one-line release file into the fact named `fact`. An empty first line results in a diagnostic. */
export function readFirstLine(path: string, bytes: Uint8Array, fact: string): FileFacts {
  const line = new TextDecoder().decode(bytes).split('\n', 1)[0]?.trim() ?? '';
  if (line !== '') return { release: { [fact]: line }, diagnostics: [] };
  return {
    diagnostics: [{ code: 'release-file-unreadable', message: `the first line of ${path} is empty`, where: path }],
  };
}
