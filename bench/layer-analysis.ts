import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip, createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { fileBytes } from '../src/bytes/file-bytes.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';
import { readLayer } from '../src/worker/layer/layer-reader.ts';
import { type Figure, timed } from './figure.ts';

const NODE_MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url));

/** The size of the layer before compression; that of a big real one. */
const LAYER_BYTES = 400 * 1024 * 1024;

/** Both sides decompress in chunks of this size: with Node's default of 16 KiB both are half as fast. */
const CHUNK_BYTES = 256 * 1024;

/** A layer of real files, none of which a detector wants but one. */
export const layerAnalysis: Figure = {
  id: 'layer-analysis',
  title: `analysis of a gzip layer with files of ${LAYER_BYTES / 1024 ** 2} MiB`,
  against: 'createGunzip and SHA-256 of the output, nothing else',
  aim: 0.8,
  async prepare(folder) {
    const archive = pack();
    const written = pipeline(archive, createGzip({ level: 6 }), createWriteStream(layerIn(folder)));
    const add = (name: string, content: Buffer | string): Promise<void> =>
      new Promise((resolve, reject) => {
        archive.entry({ name }, content, (error) => (error ? reject(error) : resolve()));
      });
    await add('var/lib/dpkg/status', 'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n');
    let size = 0;
    for (let round = 0; size < LAYER_BYTES; round += 1) {
      for (const path of filesBelow(NODE_MODULES)) {
        if (size >= LAYER_BYTES) break;
        const content = readFileSync(path);
        size += content.length;
        await add(`opt/${round}/${relative(NODE_MODULES, path)}`, content);
      }
    }
    archive.finalize();
    await written;
  },
  subject: (folder) =>
    timed(async () => {
      const source = { where: layerIn(folder), open: async () => fileBytes(layerIn(folder)) };
      const { diffId } = await readLayer(source, DETECTORS);
      return diffId;
    }),
  reference: (folder) =>
    timed(async () => {
      const hash = createHash('sha256');
      const file = createReadStream(layerIn(folder), { highWaterMark: CHUNK_BYTES });
      const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
      await pipeline(file, gunzip, async (chunks) => {
        for await (const chunk of chunks) hash.update(chunk as Buffer);
      });
      return `sha256:${hash.digest('hex')}`;
    }),
};

function layerIn(folder: string): string {
  return join(folder, 'layer.tar.gz');
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder).toSorted()) {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) yield* filesBelow(path);
    else if (stat?.isFile() === true) yield path;
  }
}
