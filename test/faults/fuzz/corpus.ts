import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { Compressor, compress as zstd } from 'zstd-napi';
import { bzip2 } from '../../../src/bytes/testing/bzip2-encoder.ts';
import { sharedPath } from '../../fixtures/shared-data.ts';
import { allOf, gnuLong, pax, paxRecord, tarHeader, tarMember, tarOf } from '../../../src/bytes/testing/tar-builder.ts';
import { apkDatabase, BDB, dpkgStatus, HEADER, inNdb, NDB, RELEASE_FILES, SQLITE, WAL } from './corpus-databases.ts';
import { imageSamples } from './corpus-images.ts';
import { linkSamples } from './corpus-links.ts';

/** The bytes to mutate, and how they are wrapped into a layer or image. */
export type Sample = {
  readonly name: string;
  readonly bytes: Buffer;
  readonly form: 'layer' | 'image';
  readonly wrap: (mutated: Buffer) => Buffer;
  /**
   * Whether a checksum, digest or count covers the packages, so that no package may disappear without a diagnostic. In
   * other samples, such as text, a mutation can create a valid file with fewer packages.
   */
  readonly sealed: boolean;
};

/** Larger samples are chosen rarely, so that a case takes about a millisecond. */
const BIG_BYTES = 64 * 1024;

/** Returns all samples: generated samples, and real samples if the data beside the repository exists. */
export async function corpusOf(): Promise<readonly Sample[]> {
  return [
    ...tarSamples(),
    ...(await compressedSamples()),
    ...databaseSamples(),
    ...linkSamples(),
    ...imageSamples(),
    ...realSamples(),
  ];
}

/** Splits the samples into frequent and rare samples. */
export function bySize(corpus: readonly Sample[]): {
  readonly usual: readonly Sample[];
  readonly big: readonly Sample[];
} {
  return {
    usual: corpus.filter(({ bytes }) => bytes.length <= BIG_BYTES),
    big: corpus.filter(({ bytes }) => bytes.length > BIG_BYTES),
  };
}

const STATUS = { name: 'var/lib/dpkg/status', content: dpkgStatus(3) };
const OS_RELEASE = { name: 'etc/os-release', content: RELEASE_FILES['etc/os-release'] };
const PLAIN = tarOf(OS_RELEASE, STATUS, { name: 'usr/bin/bash', content: 'ELF'.repeat(500) });

function tarSamples(): readonly Sample[] {
  const old = tarOf({ ...STATUS, format: 'v7' }, { ...OS_RELEASE, format: 'gnu' });
  const linked = tarOf(
    { name: 'etc', type: '5' },
    { name: 'etc/os-release', type: '2', link: '../usr/lib/os-release' },
    { name: 'usr/lib/os-release', content: OS_RELEASE.content },
    { name: 'lib/status', content: 'x' },
    { ...STATUS, name: 'var/lib/dpkg/status.d/a' },
    { name: 'var/lib/dpkg/status', type: '1', link: 'var/lib/dpkg/status.d/a' },
    { name: 'dev/null', type: '3' },
    { name: 'run/pipe', type: '6' },
  );
  const hidden = tarOf(
    { name: 'var/lib/dpkg/.wh.status' },
    { name: 'etc/.wh..wh..opq' },
    { name: 'usr/lib/.wh.os-release' },
    STATUS,
    STATUS,
  );
  const named = tarOf(
    pax({ comment: 'all' }, 'g'),
    pax({ path: STATUS.name, mtime: '1.5', size: String(STATUS.content.length) }),
    { ...STATUS, name: 'short' },
    gnuLong('L', 'etc/os-release'),
    gnuLong('K', 'b'.repeat(200)),
    { ...OS_RELEASE, name: 'cut', format: 'gnu' },
  );
  const records = Buffer.from(paxRecord('path', STATUS.name) + paxRecord('size', String(STATUS.content.length)));
  return [
    layer('tar', PLAIN),
    layer('tar, old and GNU', old),
    layer('tar with links and devices', linked),
    layer('tar with whiteouts', hidden),
    layer('tar with PAX and GNU names', named),
    layer('tar with sparse files', sparseTar()),
    layer('records of a PAX header', records, (content) =>
      tarOf({ name: 'PaxHeaders/0', type: 'x', content }, { ...STATUS, name: 'short' }),
    ),
    layer('tar below rootfs', tarOf({ ...STATUS, name: `rootfs/${STATUS.name}` })),
  ];
}

function sparseTar(): Buffer {
  const content = STATUS.content;
  const size = String(content.length);
  const sparse = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': STATUS.name };
  const map = Buffer.alloc(512);
  map.write(`1\n0\n${size}\n`);
  const oldMap = Buffer.alloc(512 - 386);
  oldMap.write(`${'0'.repeat(11)}\0${octal(content.length)}\0`, 0);
  oldMap.write(`1${octal(content.length)}\0`, 482 - 386);
  const padding = Buffer.alloc(-content.length & 511);
  return tarOf(
    pax({ ...sparse, 'GNU.sparse.realsize': size }),
    { name: 'GNUSparseFile.0/status', content: Buffer.concat([map, Buffer.from(content)]) },
    pax({ 'GNU.sparse.size': size, 'GNU.sparse.map': `0,${size}` }),
    { name: 'etc/lsb-release', content },
    tarHeader({
      name: 'etc/os-release',
      type: 'S',
      format: 'gnu',
      size: content.length,
      patch: { at: 386, bytes: oldMap },
    }),
    Buffer.alloc(512),
    Buffer.from(content),
    padding,
  );
}

async function compressedSamples(): Promise<readonly Sample[]> {
  const cut = 1300;
  const parts = [PLAIN.subarray(0, cut), PLAIN.subarray(cut)] as const;
  const checked = new Compressor();
  checked.setParameters({ checksumFlag: true });
  return [
    layer('gzip', gzipSync(PLAIN), undefined, true),
    layer('gzip of two members', Buffer.concat(parts.map((part) => gzipSync(part)))),
    layer('a gzip around a mutated tar', PLAIN, gzipSync),
    layer('zstd with a checksum', checked.compress(PLAIN), undefined, true),
    layer('zstd of two frames', Buffer.concat(parts.map((part) => zstd(part)))),
    layer('xz', await allOf(lzma.createCompressor({ preset: 1 }).end(PLAIN)), undefined, true),
    layer('bzip2', bzip2(PLAIN, { blockBytes: 2000 }), undefined, true),
  ];
}

function databaseSamples(): readonly Sample[] {
  const files: readonly Sample[] = [
    file('var/lib/dpkg/status', Buffer.from(dpkgStatus(20))),
    file('var/lib/dpkg/status.d/one', Buffer.from(dpkgStatus(1))),
    file('lib/apk/db/installed', Buffer.from(apkDatabase(10))),
    file('var/lib/rpm/Packages', BDB.little, true),
    file('usr/share/rpm/Packages', BDB.big, true),
    file('usr/lib/sysimage/rpm/Packages.db', NDB, true),
    file('var/lib/rpm/rpmdb.sqlite', SQLITE, true),
    ...Object.entries(RELEASE_FILES).map(([path, text]) => file(path, Buffer.from(text))),
  ];
  const log = layer('the log of an rpm database', WAL.log, (content) =>
    tarOf(
      { name: 'var/lib/rpm/rpmdb.sqlite', content: WAL.database },
      { name: 'var/lib/rpm/rpmdb.sqlite-wal', content },
    ),
  );
  const logged = layer('an rpm database with its log', WAL.database, (content) =>
    tarOf({ name: 'var/lib/rpm/rpmdb.sqlite', content }, { name: 'var/lib/rpm/rpmdb.sqlite-wal', content: WAL.log }),
  );
  const header = layer(
    'a header of an rpm database',
    HEADER,
    (mutated) => tarOf({ name: 'usr/lib/sysimage/rpm/Packages.db', content: inNdb(mutated) }),
    true,
  );
  return [...files, log, logged, header];
}

function realSamples(): readonly Sample[] {
  const original = 'images/original/ext/featurefmt/';
  const wheezy = 'images/original/testdata/DistUpgrade/wheezy.tar.gz';
  const read = (name: string): Buffer => readFileSync(sharedPath(name));
  const samples: readonly [needed: string, make: () => Sample][] = [
    ['images/dpkg/postgresql.status', () => file(STATUS.name, read('images/dpkg/postgresql.status'))],
    [`${original}dpkg/testdata/valid`, () => file(STATUS.name, read(`${original}dpkg/testdata/valid`))],
    [
      `${original}apk/testdata/installed`,
      () => file('lib/apk/db/installed', read(`${original}apk/testdata/installed`)),
    ],
    ...['jessie', 'wheezy'].map((release): [string, () => Sample] => {
      const path = `images/original/testdata/DistUpgrade/${release}.tar.gz`;
      return [path, () => layer(`DistUpgrade ${release}`, read(path), undefined, true)];
    }),
    [wheezy, () => layer('tar of DistUpgrade', gunzipSync(read(wheezy)))],
    ...['tar', 'tar.bz2', 'tar.xz'].map((form): [string, () => Sample] => {
      const path = `images/original/pkg/tarutil/testdata/utils_test.${form}`;
      return [path, () => layer(path, read(path))];
    }),
    ...['docker-archives/hello-world.tar', 'oci-archives/busybox-1.31.1.tar'].map((name): [string, () => Sample] => {
      const path = `images/peers/${name}`;
      return [path, () => ({ name, bytes: read(path), form: 'image', wrap: (mutated) => mutated, sealed: false })];
    }),
  ];
  return samples.filter(([needed]) => existsSync(sharedPath(needed))).map(([, make]) => make());
}

function layer(
  name: string,
  bytes: Buffer,
  wrap: (mutated: Buffer) => Buffer = (mutated) => mutated,
  sealed = false,
): Sample {
  return { name, bytes, form: 'layer', wrap, sealed };
}

function file(path: string, bytes: Buffer, sealed = false): Sample {
  return layer(
    path,
    bytes,
    (content) => Buffer.concat([tarMember({ name: path, content }), Buffer.alloc(1024)]),
    sealed,
  );
}

function octal(value: number): string {
  return value.toString(8).padStart(11, '0');
}
