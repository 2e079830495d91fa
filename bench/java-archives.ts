import { createHash } from 'node:crypto';
import { createWriteStream, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inflateRawSync } from 'node:zlib';
import { fileBytes } from '../src/bytes/file-bytes.ts';
import { END, tarMember } from '../src/bytes/testing/tar-builder.ts';
import { type ZipMember, zipOf } from '../src/bytes/testing/zip-builder.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';
import { createLayerReader } from '../src/worker/layer/layer-reader.ts';
import { unpackContents } from '../src/worker/layer/packed-contents.ts';
import { type Figure, timed } from './figure.ts';
import { sized } from './size.ts';

const MEBIBYTE = 1024 ** 2;

const ARCHIVES = sized(100, 3);
const ARCHIVE_BYTES = sized(30, 1) * MEBIBYTE;

/** The size of each class before compression, in bytes. */
const CLASS_BYTES = 8192;

/**
 * 100 archives of 30 MiB. The aim is less than 1.5 times the time of inflating and hashing the members of the archives.
 */
export const javaArchives: Figure = {
  title: `analysis of ${ARCHIVES} Java archives of ${ARCHIVE_BYTES / MEBIBYTE} MiB`,
  against: 'inflating and hashing their members',
  aim: 0.67,
  aimMegabytes: 300,
  pairs: 3,
  prepare: async (folder) => {
    await pipeline(Readable.from(layer()), createWriteStream(layerIn(folder)));
  },
  subject: async (folder) => {
    const path = layerIn(folder);
    return await timed(async () => {
      const { contents } = await createLayerReader(DETECTORS).read({ where: path, open: async () => fileBytes(path) });
      const found = unpackContents(contents).entries.flatMap((entry) => {
        return entry.kind === 'file'
          ? Object.values(entry.byDetector ?? {}).flatMap(({ features = [] }) => features)
          : [];
      });
      return `${found.length} libraries`;
    });
  },
  reference: async (folder) => await timed(async () => inflateAndHash(layerIn(folder))),
};

function* layer(): Generator<Buffer> {
  const content = archive();
  for (let at = 0; at < ARCHIVES; at += 1) yield tarMember({ name: `opt/app/lib/archive-${at}-1.0.jar`, content });
  yield END;
}

/** An archive as Java writes it: all members are deflated, with their sizes after the content. */
function archive(): Buffer {
  const members: readonly ZipMember[] = [
    {
      name: 'META-INF/MANIFEST.MF',
      content: 'Manifest-Version: 1.0\r\nImplementation-Version: 1.0\r\n',
      descriptor: 'signed',
    },
    {
      name: 'META-INF/maven/org.example/archive/pom.properties',
      content: 'groupId=org.example\nartifactId=archive\nversion=1.0\n',
      descriptor: 'signed',
    },
  ];
  return zipOf(...members, ...classMembers(ARCHIVE_BYTES));
}

/** Returns classes that deflate to the given number of bytes. */
export function classMembers(bytes: number): readonly ZipMember[] {
  return Array.from({ length: Math.ceil((2 * bytes) / CLASS_BYTES) }, (_, at) => {
    return { name: `org/example/p${at % 200}/Class${at}.class`, content: classBytes(at), descriptor: 'signed' };
  });
}

/** Half of the bytes cannot be deflated; classes of real archives deflate to less than half of their size. */
function classBytes(seed: number): Buffer {
  const bytes = Buffer.alloc(CLASS_BYTES, `Ljava/lang/Object${seed};`);
  for (let at = 0, state = seed + 1; at < CLASS_BYTES / 2; at += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

/** Reads each archive of the layer and hashes its inflated members. */
function inflateAndHash(path: string): string {
  const file = openSync(path, 'r');
  const header = Buffer.alloc(512);
  const hash = createHash('sha256');
  let members = 0;
  for (let at = 0; readSync(file, header, 0, 512, at) === 512 && header[0] !== 0; ) {
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    const bytes = Buffer.allocUnsafeSlow(size);
    readSync(file, bytes, 0, size, at + 512);
    members += hashMembers(bytes, hash);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return `${members} members with digest ${hash.digest('hex').slice(0, 8)}`;
}

function hashMembers(zip: Buffer, hash: ReturnType<typeof createHash>): number {
  let members = 0;
  for (let at = zip.readUInt32LE(zip.length - 6); zip.readUInt32LE(at) === 0x02014b50; members += 1) {
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    hash.update(inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(at + 20))));
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return members;
}

function layerIn(folder: string): string {
  return join(folder, 'layer.tar');
}
