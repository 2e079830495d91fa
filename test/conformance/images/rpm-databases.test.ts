/**
 * Compares the rpm database readers with rpm's own lists of the real databases in `../shared`. rpm runs without
 * verification, because `rpm -qa` otherwise omits headers with a bad signature (2 of the 129 headers of CBL-Mariner).
 * Packages with a bad signature are still on disk, so Clair lists every complete header.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decompress } from '../../../src/bytes/compression.ts';
import { fileBytes } from '../../../src/bytes/file-bytes.ts';
import { composeClair } from '../../../src/compose/clair.ts';
import { isSystemPackage, type SystemPackage } from '../../../src/model/feature.ts';
import { rpm } from '../../../src/worker/detectors/packages/rpm/detector.ts';
import { readBdb } from '../../../src/worker/detectors/packages/rpm/read-bdb.ts';
import { bdbDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-bdb.ts';
import { rpmHeader } from '../../../src/worker/detectors/packages/rpm/testing/rpm-header.ts';
import { ndbDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-ndb.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { checkpoint, insertHeaders } from '../../../src/worker/detectors/packages/rpm/testing/sqlite-log.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { output, outputLines, works } from '../program.ts';

/** File, file name for rpm, number of packages. */
const DATABASES = [
  ['libuuid-bdb.Packages', 'Packages', 1],
  ['sle15-bci-ndb.Packages.db', 'Packages.db', 35],
  ['cbl-mariner-2.0.rpmdb.sqlite', 'rpmdb.sqlite', 129],
] as const;
const ALMALINUX = 'images/almalinux/almalinux-9-docker-aarch64-micro.tar.xz';

const HAS_RPM = works('rpm', ['--version']);
if (!HAS_RPM) console.warn('rpm-databases: SKIPPED the comparison, missing the program rpm (Debian package rpm)');

/** All fields that Clair reads; rpm prints `(none)` for missing fields. */
const QUERY = ['NAME', 'EPOCH', 'VERSION', 'RELEASE', 'ARCH', 'SOURCERPM', 'VENDOR', 'MODULARITYLABEL'];

const databasePath = (name: string): string => `images/rpmdb/${name}.xz`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clair-rpm-databases-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Returns rpm's list of a database. rpm warns about missing indexes, which rpm does not need. */
async function listedByRpm(bytes: Uint8Array, name: string, log?: Uint8Array): Promise<readonly string[]> {
  const directory = mkdtempSync(join(folder, 'db-'));
  writeFileSync(join(directory, name), bytes);
  if (log !== undefined) writeFileSync(join(directory, `${name}-wal`), log);
  const format = `${QUERY.map((tag) => `%{${tag}}`).join('|')}\\n`;
  const query = 'rpm --dbpath "$0" -qa --nosignature --nodigest --qf "$1" 2>/dev/null';
  const lines = await outputLines('sh', ['-c', query, directory, format]);
  return lines.filter((line) => !line.startsWith('gpg-pubkey|')).toSorted();
}

/**
 * Returns the same line for a package that Clair read, without the suffix of the file name of the source package; see
 * {@link comparable}.
 */
function lineOf({ name, version, arch, source, vendor, module }: SystemPackage): string {
  const [, epoch = '(none)', bare = version] = /^(\d+):(.*)$/.exec(version) ?? [];
  const [, v = '', r = ''] = /^(.*)-([^-]*)$/.exec(bare) ?? [];
  const parts = [name, epoch, v, r, arch, `${source.name}-${source.version}`, vendor ?? '(none)', module ?? '(none)'];
  return parts.join('|');
}

/** rpm prints an epoch of 0 where the header has an epoch, and the whole file name of the source package. */
function comparable(line: string): string {
  return line.replace(/^([^|]*)\|0\|/, '$1|(none)|').replace(/\.src\.rpm\|/, '|');
}

async function unpacked(name: string): Promise<Buffer> {
  const path = sharedPath(name);
  const { stream } = await decompress(fileBytes(path), { where: path, accept: ['xz'] });
  return await buffer(stream);
}

describeShared(
  'real rpm databases',
  DATABASES.map(([name]) => databasePath(name)),
  () => {
    describe.each(DATABASES)('%s', (name, nameInFolder, count) => {
      it(`has ${count} packages`, async () => {
        const { packages, diagnostics } = rpm.read(`var/lib/rpm/${nameInFolder}`, await unpacked(databasePath(name)));
        expect(diagnostics).toEqual([]);
        expect(packages).toHaveLength(count);
      });

      it.skipIf(!HAS_RPM)("equals rpm's list, field by field", async () => {
        const bytes = await unpacked(databasePath(name));
        const { packages = [] } = rpm.read(`var/lib/rpm/${nameInFolder}`, bytes);
        const listed = await listedByRpm(bytes, nameInFolder);
        expect(packages.map(lineOf).toSorted()).toEqual(listed.map(comparable).toSorted());
      });
    });
  },
);

describeShared('a real AlmaLinux 9 layer', [ALMALINUX], () => {
  it("equals rpm's list, without diagnostics about the empty write-ahead log", async () => {
    const path = sharedPath(ALMALINUX);
    const clair = await composeClair(newDatabase());
    try {
      const source = { where: path, open: async () => fileBytes(path) };
      const { id, distribution, diagnostics } = await clair.worker.analyzeLayer({
        name: 'layer',
        parent: null,
        source,
      });
      const packages = (await clair.store.layers.features(id))
        .map(({ feature }) => feature)
        .filter(isSystemPackage)
        .map((of) => lineOf(of));
      expect(diagnostics).toEqual([]);
      expect(distribution?.namespace).toBe('almalinux:9');
      expect(packages).toHaveLength(22);
      if (!HAS_RPM) return;
      const directory = join(folder, 'almalinux');
      mkdirSync(directory);
      await output('tar', ['-xf', path, '-C', directory, 'var/lib/rpm/rpmdb.sqlite']);
      const bytes = await buffer(fileBytes(join(directory, 'var/lib/rpm/rpmdb.sqlite')));
      const listed = await listedByRpm(bytes, 'rpmdb.sqlite');
      expect(packages.toSorted()).toEqual(listed.map(comparable).toSorted());
    } finally {
      await clair.close();
    }
  });
});

describe.skipIf(!HAS_RPM)('the databases of the fixtures', () => {
  const headers = [
    rpmHeader({ name: 'a', epoch: 3, sourceRpm: 's-1-2.src.rpm', vendor: 'Example', module: 'm:1:2:3' }),
    rpmHeader({ name: 'b', sourceRpm: 'b-1-1.src.rpm' }, 5000),
    rpmHeader({ name: 'c', version: '2~rc1', release: '3.el9', arch: 'noarch', sourceRpm: 'c-2~rc1-3.el9.src.rpm' }),
  ];

  it.each([
    ['Packages', bdbDatabase(headers)],
    ['Packages.db', ndbDatabase(headers)],
  ])('%s: rpm and Clair read the same packages', async (name, bytes) => {
    const { packages = [] } = rpm.read(`var/lib/rpm/${name}`, bytes);
    expect(packages).toHaveLength(3);
    expect(packages.map(lineOf).toSorted()).toEqual((await listedByRpm(bytes, name)).map(comparable).toSorted());
  });
});

describe.skipIf(!HAS_RPM)('a database that rpm wrote, with changes in its write-ahead log', () => {
  it('is read as by rpm', async () => {
    const directory = mkdtempSync(join(folder, 'logged-'));
    await output('rpm', ['--dbpath', directory, '--define', '_db_backend sqlite', '--initdb']);
    const path = join(directory, 'rpmdb.sqlite');
    const headers = ['a', 'b', 'c', 'd'].map((name) => rpmHeader({ name, sourceRpm: `${name}-1-1.src.rpm` }, 9000));
    const connection = new Database(path);
    try {
      expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
      connection.pragma('wal_autocheckpoint = 0');
      insertHeaders(connection, headers.slice(0, 2));
      checkpoint(connection, 'TRUNCATE');
      insertHeaders(connection, headers.slice(2));
      connection.exec('DELETE FROM Packages WHERE hnum = 1');
      const bytes = readFileSync(path);
      const log = readFileSync(`${path}-wal`);
      const name = 'var/lib/rpm/rpmdb.sqlite';
      const { packages = [], diagnostics } = rpm.logged?.read(name, bytes, log) ?? { diagnostics: [] };
      expect(diagnostics).toEqual([]);
      expect(packages.map((each) => each.name)).toEqual(['b', 'c', 'd']);
      const listed = await listedByRpm(bytes, 'rpmdb.sqlite', log);
      expect(packages.map(lineOf).toSorted()).toEqual(listed.map(comparable).toSorted());
      // Without the log, rpm lists different packages, so rpm does read the log.
      expect(await listedByRpm(bytes, 'rpmdb.sqlite')).not.toEqual(listed);
    } finally {
      connection.close();
    }
  });
});

const HAS_BDB = works('perl', ['-MDB_File', '-e', '1']);
if (!HAS_BDB)
  console.warn('rpm-databases: SKIPPED hash tables of BerkeleyDB, missing DB_File of Perl (Debian package perl)');

describe.skipIf(!HAS_BDB)('hash tables that BerkeleyDB wrote', () => {
  /**
   * Values of all sizes for keys 0 to 1999; every third value is deleted, and every sixth value is inserted again with
   * a small value.
   */
  const script = `
    my ($file, $order) = @ARGV;
    my $number = $order == 4321 ? "N" : "V";
    my $info = DB_File::HASHINFO->new;
    $info->{lorder} = $order;
    $info->{bsize} = 4096;
    tie my %table, "DB_File", $file, O_RDWR | O_CREAT, 0644, $info or die $!;
    $table{pack $number, $_} = chr($_ % 256) x ($_ * 7) for 0 .. 1999;
    delete $table{pack $number, 3 * $_} for 1 .. 666;
    $table{pack $number, 6 * $_} = "small" for 1 .. 333;`;

  it.each([
    ['little', '1234'],
    ['big', '4321'],
  ])('reads %s-endian tables', async (_, order) => {
    const file = join(folder, `bdb-${order}`);
    await output('perl', ['-MDB_File', '-MFcntl', '-e', script, file, order]);
    const read = new Map([...readBdb(await buffer(fileBytes(file)))].map(({ number, header }) => [number, header()]));
    const numbers = [...Array(2000).keys()].filter((number) => number % 3 !== 0 || (number > 0 && number % 6 === 0));
    expect([...read.keys()].toSorted((a, b) => a - b)).toEqual(numbers);
    for (const [number, value] of read) {
      const expected = number % 3 === 0 ? Buffer.from('small') : Buffer.alloc(number * 7, number % 256);
      expect(Buffer.from(value).equals(expected), `entry ${number}`).toBe(true);
    }
  });
});
