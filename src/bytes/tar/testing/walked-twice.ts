import { writeFileSync } from 'node:fs';
import { ClairError } from '../../../errors.ts';
import { inChunks } from '../../testing/tar-builder.ts';
import type { TarEntry, TarVisitor } from '../entry.ts';
import { walkTarFile } from '../file.ts';
import { walkTar } from '../walk.ts';

const KIB = 1024;

/** The calls of a visitor, and the summary or the error of the walk. */
export type Outcome = { readonly calls: readonly unknown[]; readonly end: unknown };

/** Writes an archive to `path`, and walks both the file and a stream of the same bytes. */
export async function bothWays(
  path: string,
  archive: Buffer,
): Promise<{ readonly file: Outcome; readonly stream: Outcome }> {
  writeFileSync(path, archive);
  const options = { where: 'image.tar', limits: { maxEntries: 12, maxFileBytes: 600 * KIB } };
  return {
    file: await outcomeOf(async (visitor) => await walkTarFile(path, visitor, options)),
    stream: await outcomeOf(async (visitor) => await walkTar(inChunks(archive), visitor, options)),
  };
}

async function outcomeOf(walk: (visitor: TarVisitor) => Promise<unknown>): Promise<Outcome> {
  const calls: unknown[] = [];
  const visitor: TarVisitor = {
    entry: (entry: TarEntry, offset: number) => {
      calls.push([entry, offset]);
      return entry.path === 'wanted/b' ? 'start' : entry.path.startsWith('wanted');
    },
    start: ({ size }, bytes) => calls.push(bytes && Buffer.from(bytes).toString('latin1')) > 0 && size % 2 === 0,
    content: ({ path: name }, bytes) => calls.push([name, Buffer.from(bytes).toString('latin1')]),
  };
  const end = await walk(visitor).catch((error: unknown) => {
    if (error instanceof ClairError) return { code: error.code, message: error.message };
    throw error;
  });
  return { calls, end };
}
