import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { fileBytes } from '../src/bytes/file-bytes.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';
import { readLayer } from '../src/worker/layer/layer-reader.ts';
import { END, tarMember } from '../src/bytes/testing/tar-builder.ts';
import { type Figure, timed } from './figure.ts';
import { sized } from './size.ts';

/** Number of files of the layer. */
export const TINY_FILES: number = sized(1_000_000, 2000);
const CHUNK_BYTES = 256 * 1024;

/**
 * Number of files in a batch; batches differ only in the digits of the directory name and in the checksums of the
 * headers.
 */
const FILES_AT_ONCE = 1000;
const DIRECTORY = 'usr/share/doc/';
const DIGITS = 4;
const CHECKSUM_AT = 148;

/** A layer of many headers and little content. */
export const tinyFiles: Figure = {
  title: `analysis of an uncompressed layer of ${TINY_FILES / 1e6} million files of a few bytes`,
  against: 'extract() of tar-stream over the same archive, and its SHA-256',
  aimMegabytes: 200,
  pairs: 3,
  prepare: (folder) => pipeline(Readable.from(tinyFilesArchive()), createWriteStream(layerIn(folder))),
  subject: (folder) =>
    timed(async () => {
      const path = layerIn(folder);
      const { diffId } = await readLayer({ where: path, open: async () => fileBytes(path) }, DETECTORS);
      return { what: diffId, amount: { count: TINY_FILES, unit: 'members' } };
    }),
  reference: (folder) =>
    timed(async () => {
      const hash = createHash('sha256');
      const members = extract();
      let count = 0;
      members.on('entry', (_, body, next) => {
        count += 1;
        body.on('end', next);
        body.resume();
      });
      await pipeline(
        createReadStream(layerIn(folder), { highWaterMark: CHUNK_BYTES }),
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        members,
      );
      return { what: `sha256:${hash.digest('hex')}`, amount: { count, unit: 'members' } };
    }),
};

/** Yields the layer as a tar archive. */
export function* tinyFilesArchive(): Generator<Buffer> {
  const files = Array.from({ length: FILES_AT_ONCE }, (_, index) =>
    tarMember({ name: `${DIRECTORY}${'0'.repeat(DIGITS)}/file-${index}`, content: `file ${index}\n` }),
  );
  const size = files[0]?.length ?? 0;
  const zeroes = Buffer.concat(files);
  for (let directory = 0; directory < TINY_FILES / FILES_AT_ONCE; directory += 1) {
    const members = Buffer.from(zeroes);
    const digits = String(directory).padStart(DIGITS, '0');
    // A tar checksum is the sum of the bytes, so it grows with the digits.
    const grown = digits.split('').reduce((sum, digit) => sum + Number(digit), 0);
    for (let at = 0; at < members.length; at += size) {
      members.write(digits, at + DIRECTORY.length, 'latin1');
      const sum = Number.parseInt(members.toString('latin1', at + CHECKSUM_AT, at + CHECKSUM_AT + 6), 8) + grown;
      members.write(sum.toString(8).padStart(6, '0'), at + CHECKSUM_AT, 'latin1');
    }
    yield members;
  }
  yield END;
}

function layerIn(folder: string): string {
  return join(folder, 'layer.tar');
}
