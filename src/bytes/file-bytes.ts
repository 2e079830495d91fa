import { type FileHandle, open } from 'node:fs/promises';
import { asClairError, ClairError } from '../errors.ts';

/** Large enough that the number of system calls does not matter, small enough to stay in a processor's cache. */
const CHUNK_BYTES = 256 * 1024;

/** A part of a file, in bytes. */
export type FileRange = { readonly start: number; readonly length: number };

/**
 * The bytes of a regular file, or of a range of it. The file is opened when the first byte is asked for.
 *
 * @throws ClairError `bytes/not-found` when there is none at `path`, `bytes/unreachable` when it may not be read or is
 * no regular file (a pipe or a device could make the reader wait for ever).
 */
export async function* fileBytes(path: string, range?: FileRange): AsyncGenerator<Uint8Array, void, undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    if (!(await file.stat()).isFile()) throw new ClairError('bytes/unreachable', `${path} is no regular file`);
    if (range?.length === 0) return;
    const bounds = range === undefined ? {} : { start: range.start, end: range.start + range.length - 1 };
    yield* file.createReadStream({ ...bounds, highWaterMark: CHUNK_BYTES, autoClose: false });
  } catch (error) {
    throw explained(error, path);
  } finally {
    await file?.close();
  }
}

function explained(error: unknown, path: string): ClairError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return asClairError(error, missing ? 'bytes/not-found' : 'bytes/unreachable', `${path} cannot be read`);
}
