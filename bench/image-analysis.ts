import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { pack } from 'tar-stream';
import { writeProgram } from '../scripts/package/compiled-program.ts';
import type * as Compose from '../src/compose/clair.ts';
import type { Figure, Run, Side } from './figure.ts';
import { analyseImage, analyseInTurn, type ImageRun } from './image/runs.ts';
import { writeRealFiles } from './real-files.ts';
import { sized } from './size.ts';

const MEBIBYTE = 1024 ** 2;
/** The name of the bundle of `image/program.ts`. */
const IMAGE_PROGRAM = 'bench-image';

const LAYERS = 4;
const LAYER_BYTES = sized(200, 1) * MEBIBYTE;

/** Several large layers, which more than one processor can analyse. */
export const imageAnalysis: Figure = {
  ...figureOfImages((side) => (side === 'subject' ? availableParallelism() : 0)),
  against: 'its layers one after the other on one processor, without starting threads or storing results',
  aim: 1.6,
  aimMegabytes: 250,
};

/** The same image, and what a second processor adds. */
export const imageThreads: Figure = {
  ...figureOfImages((side) => (side === 'subject' ? availableParallelism() : 1)),
  against: 'the same analysis with one reading thread on one processor',
  aim: 1.8,
};

function figureOfImages(threadsOf: (side: Side) => number): Omit<Figure, 'against'> {
  const bytes = LAYERS * LAYER_BYTES;
  const run = async (side: Side, folder: string): Promise<Run> => {
    const [path, threads] = [archiveIn(folder), threadsOf(side)];
    return threads > 0 ? await analyse({ path, bytes, threads }) : await analyseInTurn(path, bytes);
  };
  return {
    title: `analysis of an image of ${LAYERS} gzip layers with files of ${LAYER_BYTES / MEBIBYTE} MiB each`,
    referenceOnOneProcessor: true,
    command(side, folder) {
      const program = join(ROOT, 'dist', `${IMAGE_PROGRAM}.js`);
      return [program, archiveIn(folder), String(bytes), String(threadsOf(side))];
    },
    async prepare(folder) {
      await buildClair();
      await writeDockerArchive(folder, { layers: LAYERS, bytes: LAYER_BYTES, gzip: true });
    },
    subject: async (folder) => await run('subject', folder),
    reference: async (folder) => await run('reference', folder),
  };
}

export type ArchiveOptions = {
  readonly layers: number;
  /** The size of the files of each layer before compression, in bytes. */
  readonly bytes: number;
  readonly gzip: boolean;
  readonly status?: string;
};

/** Analyses a docker-archive with the built program (`analyseImage`). */
export async function analyse(image: ImageRun): Promise<Run> {
  const { composeClair } = await builtClair();
  return await analyseImage(image, composeClair);
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const COMPOSE = 'compose';

/**
 * Builds the program as `npm run build` does, with additional bundles for the module that connects its services and for
 * the program of {@link imageAnalysis} and {@link imageThreads}.
 */
export async function buildClair(): Promise<void> {
  await writeProgram(ROOT, join(ROOT, 'dist'), {
    [COMPOSE]: 'src/compose/clair.ts',
    [IMAGE_PROGRAM]: 'bench/image/program.ts',
  });
}

/** Loads the built program, because threads that first compile TypeScript would distort the measurement. */
async function builtClair(): Promise<typeof Compose> {
  return (await import(new URL(`../dist/${COMPOSE}.js`, import.meta.url).href)) as typeof Compose;
}

/** Writes an image as `docker save` does. Each layer has different files and the same package database. */
export async function writeDockerArchive(folder: string, options: ArchiveOptions): Promise<void> {
  const { layers, bytes, gzip, status } = options;
  const archive = pack();
  const written = pipeline(archive, createWriteStream(archiveIn(folder)));
  const diffIds: string[] = [];
  for (let index = 0; index < layers; index += 1) {
    const path = join(folder, `layer-${index}`);
    const compressor = gzip ? createGzip({ level: 6 }) : new PassThrough();
    await writeRealFiles(path, { bytes, root: `opt/${index}`, compressor, ...(status !== undefined && { status }) });
    diffIds.push(await diffIdOf(path, gzip));
    await pipeline(createReadStream(path), archive.entry({ name: `${index}/layer.tar`, size: statSync(path).size }));
  }
  const created = '2026-01-01T00:00:00Z';
  const config = {
    architecture: 'amd64',
    os: 'linux',
    created,
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  const names = diffIds.map((_, index) => `${index}/layer.tar`);
  const configText = JSON.stringify({ ...config, history: names.map((name) => ({ created_by: name })) });
  const configName = `${createHash('sha256').update(configText).digest('hex')}.json`;
  archive.entry({ name: configName }, configText);
  archive.entry(
    { name: 'manifest.json' },
    JSON.stringify([{ Config: configName, RepoTags: ['bench:1'], Layers: names }]),
  );
  archive.finalize();
  await written;
}

export function archiveIn(folder: string): string {
  return join(folder, 'image.tar');
}

async function diffIdOf(path: string, gzip: boolean): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), gzip ? createGunzip() : new PassThrough(), async (chunks) => {
    for await (const chunk of chunks) hash.update(chunk as Buffer);
  });
  return `sha256:${hash.digest('hex')}`;
}
