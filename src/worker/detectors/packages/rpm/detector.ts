import type { Detector } from '../../detector.ts';
import { exactPaths } from '../../path-pattern.ts';
import type { FileFilter } from '../owned-paths.ts';
import { readRpmDatabase } from './read-database.ts';
import { readLoggableDatabase, readLoggedDatabase, readWriteAheadLog, WAL_SUFFIX } from './read-logged.ts';

/** The directories of rpm's database: traditional, SUSE and newer Fedora, and rpm-ostree. */
const DIRECTORIES: readonly string[] = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'];

const SQLITE = 'rpmdb.sqlite';

/** The database file names of BerkeleyDB, ndb, and SQLite with its write-ahead log. */
const NAMES: readonly string[] = ['Packages', 'Packages.db', SQLITE, `${SQLITE}${WAL_SUFFIX}`];

/** Reads rpm's package databases. The directories are often links to each other. */
export const rpm: Detector = {
  id: 'rpm',
  kind: 'packages',
  version: 5,
  wants: exactPaths(...DIRECTORIES.flatMap((directory) => NAMES.map((name) => `${directory}/${name}`))),
  coverage: {
    use: 'matched by name and source package',
    notes: [
      'Clair reads BerkeleyDB (hash tables since 4.0), ndb in either byte order, and SQLite, and detects the format from the bytes, not from the file name. The B-tree databases of rpm5 are not supported and cause a diagnostic. Signatures are not verified.',
      'Source RPMs have no epoch. A package whose source RPM is missing, or is not named `NAME-VERSION-RELEASE.src.rpm` or `.nosrc.rpm`, is treated as its own source package, without an epoch. Keys (`gpg-pubkey`) are not listed as packages.',
      'The write-ahead log of SQLite is applied, even if it is in another layer. If the log is unusable, only the database is used, with a diagnostic.',
    ],
  },
  ...readers(),
  withFiles: (wants) => ({ ...rpm, ...readers(wants) }),
};

function readers(wants?: FileFilter): Pick<Detector, 'read' | 'logged'> {
  return {
    read(path, bytes) {
      if (path.endsWith(WAL_SUFFIX)) return readWriteAheadLog(path, bytes);
      const isLoggable = path.endsWith(`/${SQLITE}`);
      return isLoggable ? readLoggableDatabase(path, bytes, wants) : readRpmDatabase(path, bytes, wants);
    },
    logged: { suffix: WAL_SUFFIX, read: (path, bytes, log) => readLoggedDatabase(path, bytes, log, wants) },
  };
}
