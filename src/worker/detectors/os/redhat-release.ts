import type { Detector, FileFacts } from '../detector.ts';
import { exactPaths } from '../path-pattern.ts';
import { DISTRIBUTIONS } from './distributions.ts';

/** So much of a line that cannot be read is quoted. */
const QUOTED_LENGTH = 80;

/**
 * The names of the release files of the Red Hat family, each distribution's own before those that they share: Oracle's
 * `redhat-release` says Red Hat, so that programs take the one for the other.
 */
export const RELEASE_FILES: readonly string[] = [
  ...new Set(DISTRIBUTIONS.flatMap(({ releaseFile }) => releaseFile ?? [])),
  'system-release',
  'redhat-release',
];

/** Reads the release files of the Red Hat family, one line: `CentOS release 6.10 (Final)`. Those in `etc` may be links. */
export const redhatRelease: Detector = {
  id: 'redhat-release',
  kind: 'os',
  version: 1,
  wants: exactPaths(...['etc', 'usr/lib'].flatMap((directory) => RELEASE_FILES.map((name) => `${directory}/${name}`))),
  read: readRelease,
};

/** The facts have the names of os-release: `NAME`, `VERSION_ID` and `PRETTY_NAME`, which is the whole line. */
function readRelease(path: string, bytes: Uint8Array): FileFacts {
  const line = new TextDecoder().decode(bytes).split('\n', 1)[0]?.trim() ?? '';
  const [, name, version] = RELEASE_PATTERN.exec(line) ?? [];
  if (name !== undefined && version !== undefined) {
    return { release: { NAME: name, VERSION_ID: version, PRETTY_NAME: line }, diagnostics: [] };
  }
  const message = `${path} does not say which release of what it is: ${JSON.stringify(line.slice(0, QUOTED_LENGTH))}`;
  return { diagnostics: [{ code: 'release-file-unreadable', message, where: path }] };
}

const RELEASE_PATTERN = /^(\S.*?) release (\d[\w.]*)(?= |$)/;
