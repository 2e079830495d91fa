import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import lzma from 'lzma-native';
import { CompressStream, DecompressStream } from 'zstd-napi';
import { fileBytes } from '../src/bytes/file-bytes.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';
import { readLayer } from '../src/worker/layer/layer-reader.ts';
import { type Figure, type Run, timed, type Work } from './figure.ts';
import { writeRealFiles } from './real-files.ts';
import { sized } from './size.ts';

const MEBIBYTE = 1024 ** 2;

const LAYER_BYTES = sized(400, 1) * MEBIBYTE;

const BIG_LAYER_BYTES = sized(2048, 2) * MEBIBYTE;

/** The size of the chunks of the reference; with Node's default of 16 KiB, the reference takes twice as long. */
const CHUNK_BYTES = 256 * 1024;

/** A compression format with its encoder and the bare decoder that Clair is compared with. */
type Form = {
  readonly name: string;
  readonly decoder: string;
  readonly aim?: number;
  readonly compress: () => Duplex;
  readonly decompress: () => Duplex;
};

const GZIP: Form = {
  name: 'gzip',
  decoder: 'createGunzip',
  aim: 0.85,
  compress: () => createGzip({ level: 6 }),
  decompress: () => createGunzip({ chunkSize: CHUNK_BYTES }),
};

const ZSTD: Form = {
  name: 'zstd',
  decoder: 'the DecompressStream of zstd-napi',
  compress: () => new CompressStream(),
  decompress: () => new DecompressStream(),
};

const XZ: Form = {
  name: 'xz',
  decoder: 'the decompressor of lzma-native',
  compress: () => lzma.createCompressor({ preset: 1 }),
  decompress: () => lzma.createDecompressor(),
};

const PLAIN: Form = {
  name: 'plain',
  decoder: 'reading the file',
  compress: () => new PassThrough(),
  decompress: () => new PassThrough({ readableHighWaterMark: CHUNK_BYTES, writableHighWaterMark: CHUNK_BYTES }),
};

/** A layer of real files in each compression format. */
export const gzipLayer: Figure = analysisOf(GZIP, LAYER_BYTES);
export const zstdLayer: Figure = analysisOf(ZSTD, LAYER_BYTES);
export const xzLayer: Figure = analysisOf(XZ, LAYER_BYTES);
export const plainLayer: Figure = analysisOf(PLAIN, LAYER_BYTES);

/** A layer that is larger than the memory limit. */
export const bigLayer: Figure = analysisOf(GZIP, BIG_LAYER_BYTES, { aimMegabytes: 200, pairs: 2 });

/** Compares an analysis that hashes the files of a layer with an analysis that does not. */
export const fileDigests: Figure = {
  title: `analysis of a gzip layer with files of ${LAYER_BYTES / MEBIBYTE} MiB and their SHA-256 (worker.fileDigests)`,
  against: 'the same without the SHA-256 of files',
  prepare: (folder) =>
    writeRealFiles(layerIn(folder), { bytes: LAYER_BYTES, root: 'opt', compressor: GZIP.compress() }),
  subject: (folder) => analyse(layerIn(folder), LAYER_BYTES, true),
  reference: (folder) => analyse(layerIn(folder), LAYER_BYTES),
};

function analysisOf(form: Form, bytes: number, more: Partial<Figure> = {}): Figure {
  const { name, decoder, aim, compress, decompress } = form;
  return {
    title: `analysis of a ${name} layer with files of ${bytes / MEBIBYTE} MiB`,
    against: `${decoder} and SHA-256 of the output, nothing else`,
    ...(aim !== undefined && { aim }),
    prepare: (folder) => writeRealFiles(layerIn(folder), { bytes, root: 'opt', compressor: compress() }),
    subject: (folder) => analyse(layerIn(folder), bytes),
    reference: (folder) => decode(layerIn(folder), decompress()),
    ...more,
  };
}

/** `bytes` counts the files without the headers of the archive. */
async function analyse(path: string, bytes: number, hasFileDigests = false): Promise<Run> {
  return await timed(async (): Promise<Work> => {
    // The sources of local archives have a file, too.
    const source = { where: path, open: async () => fileBytes(path), file: () => ({ path }) };
    const { diffId } = await readLayer(source, DETECTORS, { hasFileDigests });
    return { what: diffId, amount: { count: bytes, unit: 'bytes' } };
  });
}

async function decode(path: string, decoder: Duplex): Promise<Run> {
  return await timed(async (): Promise<Work> => {
    const hash = createHash('sha256');
    let count = 0;
    await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), decoder, async (chunks) => {
      for await (const chunk of chunks) {
        hash.update(chunk as Buffer);
        count += (chunk as Buffer).length;
      }
    });
    return { what: `sha256:${hash.digest('hex')}`, amount: { count, unit: 'bytes' } };
  });
}

function layerIn(folder: string): string {
  return join(folder, 'layer');
}
