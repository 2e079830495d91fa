import { createWriteStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cpuUsage } from 'node:process';
import { type Duplex, PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fileBytes } from '../../src/bytes/file-bytes.ts';
import { END, tarMember } from '../../src/bytes/testing/tar-builder.ts';
import type { Detector } from '../../src/worker/detectors/detector.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { elfFile } from '../../src/worker/detectors/libraries/executables/testing/elf-file.ts';
import { createLayerReader } from '../../src/worker/layer/layer-reader.ts';
import { unpackContents } from '../../src/worker/layer/packed-contents.ts';
import { type Figure, FigureUnavailable, type Run } from '../figure.ts';
import { sized } from '../size.ts';

const MEBIBYTE = 1024 ** 2;

const PACKAGES = sized(2000, 10);
const FILES_OF_PACKAGE = 25;

const SYSTEM_BYTES = sized(150, 1) * MEBIBYTE;

const RECOGNISED_BYTES = sized(50, 1) * MEBIBYTE;

/** Programs, and the strings that identify them. */
const RECOGNISED = Array.from({ length: 5 }, (_, at) => [
  [`opt/${at}/node`, 'node.js/v22.14.0'],
  [`opt/${at}/postgres`, 'postgres (PostgreSQL) 17.2'],
  [`opt/${at}/libpython3.13.so.1.0`, '\x003.13.1\0'],
  [`opt/${at}/mariadbd`, '\x0011.8.9-MariaDB'],
  [`opt/${at}/libcrypto.so.3`, '\0OpenSSL 3.0.15 3 Sep 2024'],
]).flat();

const AGAINST = 'the same without the detectors of libraries, in processor time';

const WITHOUT_LIBRARIES: readonly Detector[] = DETECTORS.filter(({ kind }) => kind !== 'features');

/** A layer with `node_modules` of 2,000 packages and 50,000 files. The aim is at most one additional second. */
export const libraryFiles: Figure = figureOf(
  `analysis of node_modules with ${PACKAGES} packages and ${PACKAGES * FILES_OF_PACKAGE} files`,
  async (folder) => await writeLayer(folder, packageMembers()),
);

/**
 * A layer with 25 programs of 50 MiB, in which the string with the version comes last. The aim is at most two
 * additional seconds.
 */
export const recognisedPrograms: Figure = figureOf(
  `analysis of ${RECOGNISED.length} programs of ${RECOGNISED_BYTES / MEBIBYTE} MiB without a package manager`,
  async (folder) => await writeLayer(folder, recognisedMembers()),
);

/**
 * A gzip layer with files of this system, without language packages; half of the bytes are in programs and shared
 * libraries.
 */
export const libraryAbsent: Figure = {
  ...figureOf(
    `analysis of a gzip layer with ${SYSTEM_BYTES / MEBIBYTE} MiB of system files without language packages`,
    async (folder) => await writeLayer(folder, systemMembers(), createGzip()),
  ),
  aim: 0.9,
};

function figureOf(title: string, prepare: Figure['prepare']): Figure {
  return {
    title,
    against: AGAINST,
    aimMegabytes: 250,
    prepare,
    subject: async (folder) => await read(folder, DETECTORS),
    reference: async (folder) => await read(folder, WITHOUT_LIBRARIES),
  };
}

async function read(folder: string, detectors: readonly Detector[]): Promise<Run> {
  return await readPath(layerIn(folder), detectors);
}

/** Reads the layer in a file, and measures the processor time. */
export async function readPath(path: string, detectors: readonly Detector[]): Promise<Run> {
  const before = cpuUsage();
  // Names the file, as local images do, so that the reader frees the chunks of the file after their use.
  const source = { where: path, open: async () => fileBytes(path), file: () => ({ path }) };
  const { contents } = await createLayerReader(detectors).read(source);
  const { user, system } = cpuUsage(before);
  const { entries } = unpackContents(contents);
  return { milliseconds: (user + system) / 1000, what: `${entries.length} entries` };
}

async function writeLayer(
  folder: string,
  members: Iterable<Buffer>,
  compressor: Duplex = new PassThrough(),
): Promise<void> {
  await writePath(layerIn(folder), members, compressor);
}

/** Writes an archive with these members. */
export async function writePath(
  path: string,
  members: Iterable<Buffer>,
  compressor: Duplex = new PassThrough(),
): Promise<void> {
  await pipeline(Readable.from(withEnd(members)), compressor, createWriteStream(path));
}

function* withEnd(members: Iterable<Buffer>): Generator<Buffer> {
  yield* members;
  yield END;
}

/** Most package files are a few KiB. */
const CODE = 'export function each(value) { return value; }\n'.repeat(60);

function* packageMembers(): Generator<Buffer> {
  for (let at = 0; at < PACKAGES; at += 1) {
    const [name, folder] = [`package-${at}`, `srv/app/node_modules/package-${at}`];
    const manifest = { name, version: '1.2.3', description: CODE.slice(0, 1000), dependencies: { a: '^1.0.0' } };
    yield tarMember({ name: `${folder}/package.json`, content: JSON.stringify(manifest, null, 2) });
    for (let file = 1; file < FILES_OF_PACKAGE; file += 1) {
      // Some packages have entry points with their own package.json.
      const isEntry = file === 1 && at % 5 === 0;
      const path = isEntry ? 'esm/package.json' : `dist/file-${file}.js`;
      yield tarMember({ name: `${folder}/${path}`, content: isEntry ? '{"type":"module"}' : CODE });
    }
  }
}

function* recognisedMembers(): Generator<Buffer> {
  const block = Buffer.from(Array.from({ length: MEBIBYTE }, (_, at) => (at * 2_654_435_761) >>> 13));
  for (const [name = '', text = ''] of RECOGNISED) {
    const content = Buffer.concat([
      ...Array<Buffer>(RECOGNISED_BYTES / MEBIBYTE).fill(block),
      Buffer.from(text, 'latin1'),
    ]);
    yield tarMember({ name, content: elfFile([{ name: '.rodata', content, isCode: true }]) });
  }
}

/** Half of the bytes of a base image are programs and shared libraries. */
const SYSTEM_DIRECTORIES = [
  ['/usr/bin', 0.25],
  ['/usr/lib/x86_64-linux-gnu', 0.25],
  ['/usr/lib/aarch64-linux-gnu', 0.25],
  ['/usr/share', 0.5],
] as const;

/** The largest program in a typical base image is smaller. */
const MAX_FILE_BYTES = 16 * MEBIBYTE;

function* systemMembers(): Generator<Buffer> {
  let size = 0;
  for (const [directory, share] of SYSTEM_DIRECTORIES) {
    const end = size + share * SYSTEM_BYTES;
    for (const path of existsSync(directory) ? filesBelow(directory) : []) {
      const content = readFileSync(path);
      yield tarMember({ name: path.slice(1), content });
      size += content.length;
      if (size >= end) break;
    }
  }
  if (size < SYSTEM_BYTES / 4)
    throw new FigureUnavailable('this system has no files in /usr/bin, /usr/lib and /usr/share');
}

/** Leaves out the directories of language packages. */
function* filesBelow(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !/node|python|ruby/.test(entry.name)) yield* filesBelow(path);
    else if (entry.isFile() && statSync(path).size <= MAX_FILE_BYTES && path.length < 100) yield path;
  }
}

function layerIn(folder: string): string {
  return join(folder, 'layer.tar');
}
