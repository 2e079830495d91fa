import { statSync, writeFileSync } from 'node:fs';
import { ClairError } from '../../../errors.ts';
import type { ByteRange } from '../../byte-range.ts';
import { stampOf } from '../../file-stamp.ts';
import { inChunks } from '../../testing/tar-builder.ts';
import type { TarEntry, TarVisitor } from '../entry.ts';
import { walkSameTar, walkTarFile } from '../file.ts';
import { walkTar } from '../walk.ts';

const KIB = 1024;

/** The calls of a visitor, and the summary or the error of the walk. */
export type Outcome = { readonly calls: readonly unknown[]; readonly end: unknown };

/** Writes an archive to `path`, and walks the file, the same file again, and a stream of the same bytes. */
export async function everyWay(
  path: string,
  archive: Buffer,
): Promise<{ readonly file: Outcome; readonly again: Outcome; readonly stream: Outcome }> {
  writeFileSync(path, archive);
  const stamp = stampOf(statSync(path, { bigint: true }));
  const options = { where: 'image.tar', limits: { maxEntries: 12, maxFileBytes: 600 * KIB } };
  return {
    file: await outcomeOf(async (visitor) => await walkTarFile(path, visitor, options)),
    again: await outcomeOf(async (visitor) => await walkSameTar({ path }, stamp, visitor, options)),
    stream: await outcomeOf(async (visitor) => await walkTar(inChunks(archive), visitor, options)),
  };
}

/** The part of the files that the visitor does not need. */
const UNNEEDED: ByteRange = { start: 20 * KIB, end: 580 * KIB };

async function outcomeOf(walk: (visitor: TarVisitor) => Promise<unknown>): Promise<Outcome> {
  const calls: unknown[] = [];
  const visitor: TarVisitor = {
    entry: (entry: TarEntry, offset: number) => {
      calls.push([entry, offset]);
      if (entry.path === 'wanted/b') return 'start';
      return entry.path === 'wanted/pax' ? 'chunks' : entry.path.startsWith('wanted');
    },
    start: ({ size }, bytes) => calls.push(bytes && Buffer.from(bytes).toString('latin1')) > 0 && size % 2 === 0,
    unneeded: () => (bytes, at) => (at < UNNEEDED.end && at + bytes.length > UNNEEDED.start ? [UNNEEDED] : []),
    chunks({ path: name }, bytes) {
      const needed = Buffer.from(bytes.whole());
      // A walk may leave out these bytes or not.
      needed.subarray(UNNEEDED.start, UNNEEDED.end).fill(0);
      calls.push([name, needed.toString('latin1')]);
    },
    content: ({ path: name }, bytes) => calls.push([name, Buffer.from(bytes).toString('latin1')]),
  };
  const end = await walk(visitor).catch((error: unknown) => {
    if (error instanceof ClairError) return { code: error.code, message: error.message };
    throw error;
  });
  return { calls, end };
}
