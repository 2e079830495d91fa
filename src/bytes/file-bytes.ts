import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { asClairError, ClairError } from '../errors.ts';

/** Large enough that the number of system calls does not matter, small enough to stay in a processor's cache. */
const CHUNK_BYTES = 256 * 1024;

/** A part of a file, in bytes. */
export type FileRange = { readonly start: number; readonly length: number };

/** A file, or the part of it that counts. */
export type FilePart = { readonly path: string; readonly range?: FileRange };

/**
 * The bytes of a regular file, or of a range of it. The file is opened when the first byte is asked for.
 *
 * @throws ClairError `bytes/not-found` when there is none at `path`, `bytes/unreachable` when it may not be read or is
 * no regular file (a pipe or a device could make the reader wait for ever).
 */
export async function* fileBytes(path: string, range?: FileRange): AsyncGenerator<Uint8Array, void, undefined> {
  let file: FileHandle | undefined;
  try {
    file = await openRegularFile(path);
    if (range?.length === 0) return;
    const bounds = range === undefined ? {} : { start: range.start, end: range.start + range.length - 1 };
    yield* file.createReadStream({ ...bounds, highWaterMark: CHUNK_BYTES, autoClose: false });
  } catch (error) {
    throw unreadableFile(error, path);
  } finally {
    await file?.close();
  }
}

/**
 * Opens a regular file to read it; whoever opens it closes it.
 *
 * @param links whether to follow a link at `path`
 * @throws ClairError as {@link fileBytes}; nothing else than a regular file stays open, and none is waited for.
 */
export async function openRegularFile(path: string, links: 'follow' | 'refuse' = 'follow'): Promise<FileHandle> {
  // To open a pipe would wait for somebody who writes, unless told not to; it means nothing for regular files.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (links === 'refuse' ? constants.O_NOFOLLOW : 0);
  try {
    const file = await open(path, flags);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    throw unreadableFile(error, path);
  }
  throw new ClairError('bytes/unreachable', `${path} is no regular file`);
}

/** Explains why the file at `path` could not be opened or read; a ClairError stays what it is. */
export function unreadableFile(error: unknown, path: string): ClairError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return asClairError(error, missing ? 'bytes/not-found' : 'bytes/unreachable', `${path} cannot be read`);
}
