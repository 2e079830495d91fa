import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { pack } from 'tar-stream';
import { writeProgram } from '../scripts/package/compiled-program.ts';
import type * as Compose from '../src/compose/clair.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';
import { readLayer } from '../src/worker/layer/layer-reader.ts';
import { openImage } from '../src/worker/sources/target.ts';
import { type Figure, type Run, timed } from './figure.ts';
import { writeRealFiles } from './real-files.ts';
import { sized } from './size.ts';

const MEBIBYTE = 1024 ** 2;
const LAYERS = 4;
const LAYER_BYTES = sized(200, 1) * MEBIBYTE;

/** Several large layers, which more than one processor can analyse. */
export const imageAnalysis: Figure = {
  title: `analysis of an image of ${LAYERS} gzip layers with files of ${LAYER_BYTES / MEBIBYTE} MiB each`,
  against: 'its layers one after the other on one processor, without storing results',
  aim: 1.6,
  referenceOnOneProcessor: true,
  async prepare(folder) {
    await buildClair();
    await writeDockerArchive(folder, { layers: LAYERS, bytes: LAYER_BYTES, gzip: true });
  },
  subject: (folder) => analyse(archiveIn(folder), LAYERS * LAYER_BYTES),
  reference: (folder) =>
    timed(async () => {
      const image = await openImage({ kind: 'docker-archive', path: archiveIn(folder), tag: undefined });
      let packages = 0;
      for (const { source } of image.layers) {
        const { contents } = await readLayer(source, DETECTORS);
        packages = contents.entries.flatMap((entry) =>
          entry.kind === 'file' ? (entry.facts?.packages ?? []) : [],
        ).length;
      }
      await image.close();
      return { what: `${packages} packages`, amount: { count: LAYERS * LAYER_BYTES, unit: 'bytes' } };
    }),
};

export type ArchiveOptions = {
  readonly layers: number;
  /** Bytes of the files of each layer before compression. */
  readonly bytes: number;
  readonly gzip: boolean;
  readonly status?: string;
};

/**
 * Analyses a docker-archive with files of `bytes` bytes, as `clair scan` does, with a database in memory. Also reports
 * how long the event loop of the main thread was blocked.
 */
export async function analyse(path: string, bytes: number): Promise<Run> {
  const { composeClair } = await builtClair();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const run = await timed(async () => {
    const clair = await composeClair({ type: 'memory' }, { threads: availableParallelism() });
    delay.enable();
    const image = await openImage({ kind: 'docker-archive', path, tag: undefined });
    const layers = await clair.worker.analyzeImage(image);
    const packages = await clair.store.layers.features(layers.at(-1)?.id ?? 0);
    delay.disable();
    await image.close();
    await clair.close();
    return { what: `${packages.length} packages`, amount: { count: bytes, unit: 'bytes' } };
  });
  const held = [delay.percentile(99), delay.max].map((nanoseconds) => (nanoseconds / 1e6).toFixed(0));
  return {
    ...run,
    what: `${run.what}; event loop blocked for ${held[0]} ms at the 99th percentile, ${held[1]} ms at most`,
  };
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const COMPOSE = 'compose';

/** Builds the program as `npm run build` does, and bundles the module that connects its services. */
export async function buildClair(): Promise<void> {
  await writeProgram(ROOT, join(ROOT, 'dist'), { [COMPOSE]: 'src/compose/clair.ts' });
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
