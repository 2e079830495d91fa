import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { pack } from 'tar-stream';

const NODE_MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url));

const STATUS = 'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n';

export type RealFiles = {
  readonly bytes: number;
  readonly root: string;
  /** The package database; by default a database with a single package. */
  readonly status?: string;
  readonly compressor: Duplex;
};

/**
 * Writes a layer with the files of `node_modules`, repeated until the layer has `bytes` bytes. Detectors read few of
 * these files, because most paths in the layer have no directory `node_modules`.
 */
export async function writeRealFiles(path: string, files: RealFiles): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, files.compressor, createWriteStream(path));
  const add = (name: string, content: Buffer | string): Promise<void> =>
    new Promise((resolve, reject) => {
      archive.entry({ name }, content, (error) => (error ? reject(error) : resolve()));
    });
  await add('var/lib/dpkg/status', files.status ?? STATUS);
  let size = 0;
  for (let round = 0; size < files.bytes; round += 1) {
    for (const file of filesBelow(NODE_MODULES)) {
      if (size >= files.bytes) break;
      const content = readFileSync(file);
      size += content.length;
      await add(`${files.root}/${round}/${relative(NODE_MODULES, file)}`, content);
    }
  }
  archive.finalize();
  await written;
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder).toSorted()) {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) yield* filesBelow(path);
    else if (stat?.isFile() === true) yield path;
  }
}
