/**
 * Compares the file list readers with dpkg and rpm. Debian has no package of apk, so the file lists of apk are compared
 * with the members of the archives.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decompress } from '../../../src/bytes/compression.ts';
import { fileBytes } from '../../../src/bytes/file-bytes.ts';
import { readApkFileLists } from '../../../src/worker/detectors/packages/apk/read-file-lists.ts';
import { divertedPath, parseDiversions } from '../../../src/worker/detectors/packages/dpkg/parse-diversions.ts';
import { readDpkgFileList } from '../../../src/worker/detectors/packages/dpkg/read-file-list.ts';
import { createOwnedPaths, type FileOwnership } from '../../../src/worker/detectors/packages/owned-paths.ts';
import { addFileList } from '../../../src/worker/detectors/packages/rpm/add-file-list.ts';
import { headerFields, openHeader } from '../../../src/worker/detectors/packages/rpm/parse-header.ts';
import { readBdb } from '../../../src/worker/detectors/packages/rpm/read-bdb.ts';
import { readNdb } from '../../../src/worker/detectors/packages/rpm/read-ndb.ts';
import { readSqlite } from '../../../src/worker/detectors/packages/rpm/read-sqlite.ts';
import type { RpmEntry } from '../../../src/worker/detectors/packages/rpm/rpm-entry.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { output, outputLines, works } from '../program.ts';

const HAS_RPM = works('rpm', ['--version']);
if (!HAS_RPM) console.warn('file-lists: SKIPPED the comparison with rpm, missing the program rpm (Debian package rpm)');
const HAS_DPKG = works('dpkg-query', ['--version']);
if (!HAS_DPKG) console.warn('file-lists: SKIPPED the comparison with dpkg, missing the program dpkg-query');

const DPKG = '/var/lib/dpkg';
const HAS_DATABASE = existsSync(join(DPKG, 'diversions'));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clair-file-lists-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const everything = (): boolean => true;

function linesOf({ owned }: FileOwnership): readonly string[] {
  return owned.flatMap(({ owner, paths }) => paths.map((path) => `${owner.name}|${owner.arch ?? ''}|/${path}`));
}

async function filesOf(archive: string): Promise<ReadonlySet<string>> {
  const members = await outputLines('tar', ['--quoting-style=literal', '-tf', archive]);
  return new Set(members.filter((name) => !name.endsWith('/')).map((name) => name.replace(/^\.\//, '')));
}

/** Archive, number of packages with files, number of files of packages. */
const ALPINE = [
  ['alpine-minirootfs-3.9.6-x86_64.tar.gz', 13, 79],
  ['alpine-minirootfs-3.18.9-x86_64.tar.gz', 14, 110],
  ['alpine-minirootfs-3.18.9-aarch64.tar.gz', 14, 110],
  ['alpine-minirootfs-20240923-x86_64.tar.gz', 14, 108],
  ['library-3.4-a-rootfs.tar.xz', 10, 63],
  ['library-3.4-c-rootfs.tar.gz', 10, 63],
] as const;

describeShared(
  'the file lists of apk',
  ALPINE.map(([name]) => `images/alpine/${name}`),
  () => {
    it.each(ALPINE)('in %s name files of the archive', async (name, packages, files) => {
      const archive = sharedPath(`images/alpine/${name}`);
      const text = await output('tar', ['-xOf', archive, './lib/apk/db/installed']);
      const { owned, diagnostics } = readApkFileLists('lib/apk/db/installed', Buffer.from(text), everything);
      expect(diagnostics).toEqual([]);
      expect(owned).toHaveLength(packages);
      const paths = owned.flatMap((each) => each.paths);
      expect(paths).toHaveLength(files);
      const members = await filesOf(archive);
      expect(paths.filter((path) => !members.has(path))).toEqual([]);
      // The other files are links to busybox that package scripts create, and files of the image build.
      const known = new Set(paths);
      const others = [...members].filter((path) => !known.has(path) && !/^(usr\/)?s?bin\//.test(path));
      expect(others.filter((path) => !/^(etc|lib\/apk\/db|dev)\/|^linuxrc$|^usr\/lib\/os-release$/.test(path))).toEqual(
        [],
      );
    });
  },
);

type ReadEntries = (bytes: Uint8Array) => Iterable<RpmEntry>;

/** File, file name for rpm, reader, number of installed files. */
const RPM: readonly (readonly [string, string, ReadEntries, number])[] = [
  ['libuuid-bdb.Packages', 'Packages', readBdb, 7],
  ['sle15-bci-ndb.Packages.db', 'Packages.db', readNdb, 2759],
  ['cbl-mariner-2.0.rpmdb.sqlite', 'rpmdb.sqlite', readSqlite, 7269],
];
const ALMALINUX = 'images/almalinux/almalinux-9-docker-aarch64-micro.tar.xz';

function rpmFileLists(bytes: Uint8Array, read: ReadEntries): FileOwnership {
  const files = createOwnedPaths('var/lib/rpm', everything);
  for (const { number, header: blob } of read(bytes)) {
    const header = openHeader(blob());
    const { name, arch } = headerFields(header);
    addFileList(header, { owner: { type: 'rpm', name, arch }, number }, files);
  }
  return files.collected();
}

/** Returns the installed files according to rpm, with directories, without the root, which Clair ignores. */
async function installedByRpm(bytes: Uint8Array, name: string): Promise<readonly string[]> {
  const directory = mkdtempSync(join(folder, 'rpm-'));
  writeFileSync(join(directory, name), bytes);
  const query =
    'rpm --dbpath "$0" -qa --nosignature --nodigest --qf "[%{=NAME}|%{=ARCH}|%{INSTFILENAMES}\\n]" 2>/dev/null';
  const lines = await outputLines('sh', ['-c', query, directory]);
  return lines.filter((line) => !line.endsWith('|/')).toSorted();
}

describeShared(
  'the file lists of rpm',
  RPM.map(([name]) => `images/rpmdb/${name}.xz`),
  () => {
    it.each(RPM)('in %s are read', async (name, _, read, count) => {
      const found = rpmFileLists(await unpacked(name), read);
      expect(found.diagnostics).toEqual([]);
      expect(linesOf(found)).toHaveLength(count);
    });

    it.skipIf(!HAS_RPM).each(RPM)('in %s equal the lists of rpm', async (name, nameInFolder, read) => {
      const bytes = await unpacked(name);
      expect(linesOf(rpmFileLists(bytes, read)).toSorted()).toEqual(await installedByRpm(bytes, nameInFolder));
    });
  },
);

async function unpacked(name: string): Promise<Buffer> {
  const path = sharedPath(`images/rpmdb/${name}.xz`);
  const { stream } = await decompress(fileBytes(path), { where: path, accept: ['xz'] });
  return await buffer(stream);
}

describeShared('the file lists of rpm in a layer', [ALMALINUX], () => {
  const archive = sharedPath(ALMALINUX);
  const database = async (): Promise<Buffer> => {
    await output('tar', ['-xf', archive, '-C', folder, 'var/lib/rpm/rpmdb.sqlite']);
    return readFileSync(join(folder, 'var/lib/rpm/rpmdb.sqlite'));
  };

  it("name the files of the layer through the links of the merged /usr, except the image's own files", async () => {
    const { owned, diagnostics } = rpmFileLists(await database(), readSqlite);
    expect(diagnostics).toEqual([]);
    const places = owned.flatMap(({ paths }) => paths.map((path) => path.replace(/^(?:lib|lib64|sbin)\//, 'usr/$&')));
    const known = new Set(places);
    const others = [...(await filesOf(archive))].filter((path) => !known.has(path));
    expect(others.filter((path) => !/^(?:etc|var\/lib\/rpm)\//.test(path))).toEqual([]);
    expect(others).toHaveLength(13);
  });

  it.skipIf(!HAS_RPM)('equal the lists of rpm', async () => {
    const bytes = await database();
    expect(linesOf(rpmFileLists(bytes, readSqlite)).toSorted()).toEqual(await installedByRpm(bytes, 'rpmdb.sqlite'));
  });
});

const PG_CONFIG = '/usr/bin/pg_config';

/**
 * Writes a database with diversions by packages and the administrator, including diversions in a multi-arch package.
 */
function writtenDatabase(): string {
  const directory = mkdtempSync(join(folder, 'dpkg-'));
  mkdirSync(join(directory, 'info'));
  const stanza = (name: string, arch: string): string =>
    `Package: ${name}\nStatus: install ok installed\nMaintainer: x\nVersion: 1\n${arch}\nDescription: x\n\n`;
  const files: Readonly<Record<string, string>> = {
    status:
      stanza('libpq-dev', 'Architecture: amd64\nMulti-Arch: same') +
      stanza('postgresql-common', 'Architecture: all') +
      stanza('empty', 'Architecture: all'),
    available: '',
    diversions:
      `${PG_CONFIG}\n${PG_CONFIG}.libpq-dev\npostgresql-common\n` +
      '/usr/lib/x/tool.jar\n/usr/lib/x/tool.jar.distrib\n:\n',
    'info/format': '1\n',
    'info/libpq-dev:amd64.list': `/.\n/usr\n/usr/bin\n${PG_CONFIG}\n/usr/lib\n/usr/lib/x/\n/usr/lib/x/tool.jar\n`,
    'info/postgresql-common.list': `/.\n/usr\n/usr/bin\n${PG_CONFIG}\n./usr/bin/b\nusr/bin/c\n`,
    'info/empty.list': '/.\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** Returns a line for each file that dpkg lists: the package and the path, after diversions. */
async function placesByDpkg(database: string): Promise<readonly string[]> {
  const admin = `--admindir=${database}`;
  const names = await outputLines('dpkg-query', [admin, '-W', '-f', '${binary:Package}\\n']);
  const installed = names.filter((name) => existsSync(join(database, 'info', `${name}.list`)));
  const listed = await output('dpkg-query', [admin, '-L', ...installed]);
  return listed.split('\n\n').flatMap((section, index) => {
    const places: string[] = [];
    for (const line of section.split('\n').filter((each) => each !== '' && each !== '/.')) {
      const [, diverted] = /^(?:diverted by \S+|locally diverted) to: (.*)$/.exec(line) ?? [];
      if (diverted !== undefined) places[places.length - 1] = diverted;
      else if (!line.startsWith('package diverts others to: ')) places.push(line);
    }
    return places.map((place) => `${installed[index]}|${place}`);
  });
}

describe.skipIf(!HAS_DPKG)('the file lists of dpkg', () => {
  it.each<[string, () => string]>([
    ['a made-up database', writtenDatabase],
    ...(HAS_DATABASE ? [['the database of this machine', () => DPKG] satisfies [string, () => string]] : []),
  ])('in %s have the paths of dpkg', async (_, databaseOf) => {
    const database = databaseOf();
    const listed = await placesByDpkg(database);
    const diversions = join(database, 'diversions');
    const parsed = parseDiversions('var/lib/dpkg/diversions', readFileSync(diversions), everything);
    expect(parsed.diagnostics).toEqual([]);
    const byPath = new Map(parsed.diversions.map((each) => [each.from, each]));
    const names = readdirSync(join(database, 'info')).filter((name) => name.endsWith('.list'));
    const places = names.flatMap((name) => {
      const bytes = readFileSync(join(database, 'info', name));
      const { owned, diagnostics } = readDpkgFileList(`var/lib/dpkg/info/${name}`, bytes, everything);
      expect(diagnostics).toEqual([]);
      return owned.flatMap(({ owner, paths }) => {
        const full = owner.arch === undefined ? owner.name : `${owner.name}:${owner.arch}`;
        return paths.map((path) => `${full}|/${divertedPath(path, owner.name, byPath)}`);
      });
    });
    expect(places.toSorted()).toEqual(listed.toSorted());
  });

  it.skipIf(!HAS_DATABASE)('contain all files of the digests', () => {
    const names = readdirSync(join(DPKG, 'info')).filter((name) => name.endsWith('.md5sums'));
    for (const name of names) {
      const pathsOf = (form: string): readonly string[] => {
        const path = `var/lib/dpkg/info/${name.replace(/md5sums$/, form)}`;
        const { owned, diagnostics } = readDpkgFileList(path, readFileSync(`/${path}`), everything);
        expect(diagnostics).toEqual([]);
        return owned.flatMap(({ paths }) => paths);
      };
      const listed = new Set(pathsOf('list'));
      expect(pathsOf('md5sums').filter((path) => !listed.has(path))).toEqual([]);
    }
  });
});
