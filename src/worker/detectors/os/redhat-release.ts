import type { Detector, FileFacts } from '../detector.ts';
import { exactPaths } from '../path-pattern.ts';
import { DISTRIBUTIONS } from './distributions.ts';

const QUOTED_LENGTH = 80;

/**
 * The release files of the Red Hat family; files of single distributions precede shared files, because Oracle's
 * `redhat-release` names Red Hat for compatibility.
 */
export const RELEASE_FILES: readonly string[] = [
  ...new Set(DISTRIBUTIONS.flatMap(({ releaseFile }) => releaseFile ?? [])),
  'system-release',
  'redhat-release',
];

/**
 * Reads the one-line release files of the Red Hat family: `CentOS release 6.10 (Final)`. Files in `etc` may be links.
 */
export const redhatRelease: Detector = {
  id: 'redhat-release',
  kind: 'os',
  version: 1,
  wants: exactPaths(...['etc', 'usr/lib'].flatMap((directory) => RELEASE_FILES.map((name) => `${directory}/${name}`))),
  read: readRelease,
};

/** Returns the facts under their names in os-release; `PRETTY_NAME` is the whole line. */
function readRelease(path: string, bytes: Uint8Array): FileFacts {
  const line = new TextDecoder().decode(bytes).split('\n', 1)[0]?.trim() ?? '';
  const [, name, version] = RELEASE_PATTERN.exec(line) ?? [];
  if (name !== undefined && version !== undefined) {
    return { release: { NAME: name, VERSION_ID: version, PRETTY_NAME: line }, diagnostics: [] };
  }
  const message = `${path} does not have the form "NAME release VERSION": ${JSON.stringify(line.slice(0, QUOTED_LENGTH))}`;
  return { diagnostics: [{ code: 'release-file-unreadable', message, where: path }] };
}

const RELEASE_PATTERN = /^(\S.*?) release (\d[\w.]*)(?= |$)/;
