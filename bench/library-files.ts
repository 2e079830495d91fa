import { createWriteStream, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuUsage } from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileBytes } from '../src/bytes/file-bytes.ts';
import { END, tarMember } from '../src/bytes/testing/tar-builder.ts';
import type { Detector } from '../src/worker/detectors/detector.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';
import { elfFile } from '../src/worker/detectors/libraries/executables/testing/elf-file.ts';
import { inlineInformation, linesOf } from '../src/worker/detectors/libraries/golang/testing/build-information.ts';
import { createLayerReader } from '../src/worker/layer/layer-reader.ts';
import { unpackContents } from '../src/worker/layer/packed-contents.ts';
import { type Figure, FigureUnavailable, type Run } from './figure.ts';
import { sized } from './size.ts';

const MEBIBYTE = 1024 ** 2;

const PACKAGES = sized(2000, 10);
const FILES_OF_PACKAGE = 25;

const PROGRAM_BYTES = sized(100, 1) * MEBIBYTE;
const SYSTEM_BYTES = sized(300, 1) * MEBIBYTE;

const AGAINST = 'the same without the detectors of libraries, in processor time';

const WITHOUT_LIBRARIES: readonly Detector[] = DETECTORS.filter(({ kind }) => kind !== 'features');

/** A layer with `node_modules` of 2,000 packages and 50,000 files. The aim is one second more. */
export const libraryFiles: Figure = figureOf(
  `analysis of node_modules with ${PACKAGES} packages and ${PACKAGES * FILES_OF_PACKAGE} files`,
  async (folder) => await writeLayer(folder, packageMembers()),
);

/** A layer with a Go program of 100 MiB. The aim is 150 ms more. */
export const goProgram: Figure = figureOf(
  `analysis of a Go program of ${PROGRAM_BYTES / MEBIBYTE} MiB with 500 modules`,
  async (folder) => await writeLayer(folder, [tarMember({ name: 'usr/bin/app', content: program() })]),
);

/** A layer with the programs and shared libraries of this system, which contain no language packages. */
export const libraryAbsent: Figure = {
  ...figureOf(
    `analysis of ${SYSTEM_BYTES / MEBIBYTE} MiB of programs and shared libraries without language packages`,
    async (folder) => await writeLayer(folder, systemMembers()),
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
  const path = layerIn(folder);
  const before = cpuUsage();
  const { contents } = await createLayerReader(detectors).read({ where: path, open: async () => fileBytes(path) });
  const { user, system } = cpuUsage(before);
  const { entries } = unpackContents(contents);
  return { milliseconds: (user + system) / 1000, what: `${entries.length} entries` };
}

async function writeLayer(folder: string, members: Iterable<Buffer>): Promise<void> {
  await pipeline(Readable.from(withEnd(members)), createWriteStream(layerIn(folder)));
}

function* withEnd(members: Iterable<Buffer>): Generator<Buffer> {
  yield* members;
  yield END;
}

/** Most files of packages have some KiB. */
const CODE = 'export function each(value) { return value; }\n'.repeat(60);

function* packageMembers(): Generator<Buffer> {
  for (let at = 0; at < PACKAGES; at += 1) {
    const [name, folder] = [`package-${at}`, `srv/app/node_modules/package-${at}`];
    const manifest = { name, version: '1.2.3', description: CODE.slice(0, 1000), dependencies: { a: '^1.0.0' } };
    yield tarMember({ name: `${folder}/package.json`, content: JSON.stringify(manifest, null, 2) });
    for (let file = 1; file < FILES_OF_PACKAGE; file += 1) {
      // One in some packages has entry points with a package.json of their own.
      const isEntry = file === 1 && at % 5 === 0;
      const path = isEntry ? 'esm/package.json' : `dist/file-${file}.js`;
      yield tarMember({ name: `${folder}/${path}`, content: isEntry ? '{"type":"module"}' : CODE });
    }
  }
}

function program(): Buffer {
  const modules = Array.from({ length: 500 }, (_, at) => `dep example.org/module-${at} v1.${at}.0 h1:x=`);
  const code = Buffer.alloc(PROGRAM_BYTES / 2, 'machine code');
  return elfFile([
    { name: '.text', content: code, isCode: true },
    { name: '.go.buildinfo', content: inlineInformation('go1.24.4', linesOf('path example.com/app', ...modules)) },
    { name: '.gopclntab', content: code },
  ]);
}

const SYSTEM_DIRECTORIES = ['/usr/bin', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'] as const;

/** The largest program of a usual base image is smaller. */
const MAX_FILE_BYTES = 16 * MEBIBYTE;

function* systemMembers(): Generator<Buffer> {
  let size = 0;
  for (const directory of SYSTEM_DIRECTORIES.filter((each) => existsSync(each))) {
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      const stat = lstatSync(path);
      if (!stat.isFile() || stat.size > MAX_FILE_BYTES) continue;
      const content = readFileSync(path);
      yield tarMember({ name: path.slice(1), content });
      size += content.length;
      if (size >= SYSTEM_BYTES) return;
    }
  }
  if (size < MEBIBYTE) throw new FigureUnavailable('this system has no programs in /usr/bin and /usr/lib');
}

function layerIn(folder: string): string {
  return join(folder, 'layer.tar');
}
