import type { Detector } from '../../detector.ts';
import { readWriteAheadLog, WAL_SUFFIX } from './parse-wal.ts';
import { readRpmDatabase } from './read-database.ts';

/** Where rpm keeps its database: of old, on SUSE and newer Fedora, and on systems made by rpm-ostree. */
const DIRECTORIES: readonly string[] = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'];

/** BerkeleyDB, ndb, and SQLite with its write-ahead log. */
const NAMES: readonly string[] = ['Packages', 'Packages.db', 'rpmdb.sqlite', `rpmdb.sqlite${WAL_SUFFIX}`];

/** The package databases of rpm. The directories are often links to each other. */
export const rpm: Detector = {
  id: 'rpm',
  kind: 'packages',
  version: 2,
  paths: DIRECTORIES.flatMap((directory) => NAMES.map((name) => `${directory}/${name}`)),
  read: (path, bytes) => (path.endsWith(WAL_SUFFIX) ? readWriteAheadLog(path, bytes) : readRpmDatabase(path, bytes)),
};
