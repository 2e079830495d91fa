import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { asClairError, ClairError, type ErrorCode } from '../errors.ts';
import { type FileStamp, stampOf } from './file-stamp.ts';

/** Large enough that the number of system calls does not matter, small enough to stay in a processor's cache. */
const CHUNK_BYTES = 256 * 1024;

/** A part of a file, in bytes. */
export type FileRange = { readonly start: number; readonly length: number };

/** Told the stamp of an open file before its first byte is read, and once more after the last one. */
export type StampWatch = (stamp: FileStamp) => void;

/** A file, or the part of it that counts. */
export type FilePart = { readonly path: string; readonly range?: FileRange; readonly within?: FileBounds };

/** Where a file must lie, and the error for one that lies elsewhere. */
export type FileBounds = {
  /** Directories, or files, without links in their paths. */
  readonly roots: readonly string[];
  readonly refusal: { readonly code: ErrorCode; readonly message: string };
};

/**
 * The bytes of a regular file, or of a range of it. The file is opened when the first byte is asked for. With `within`, what
 * was opened is judged, and not its path, which may have become another file's meanwhile. `watch` is told what was opened.
 *
 * @throws ClairError `bytes/not-found` when there is none at `path`, `bytes/unreachable` when it may not be read or is
 * no regular file (a pipe or a device could make the reader wait for ever); the refusal of `within`.
 */
export async function* fileBytes(
  path: string,
  range?: FileRange,
  within?: FileBounds,
  watch?: StampWatch,
): AsyncGenerator<Uint8Array, void, undefined> {
  let file: FileHandle | undefined;
  try {
    file = await openFilePart({ path, ...(within && { within }) });
    watch?.(await stampOfFile(file));
    if (range?.length === 0) return;
    const bounds = range === undefined ? {} : { start: range.start, end: range.start + range.length - 1 };
    yield* file.createReadStream({ ...bounds, highWaterMark: CHUNK_BYTES, autoClose: false });
    watch?.(await stampOfFile(file));
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

/**
 * Opens a file that counts in whole or in part, and judges what was opened as {@link fileBytes} does; whoever opens it closes it.
 *
 * @throws ClairError as {@link fileBytes}
 */
export async function openFilePart({ path, within }: FilePart): Promise<FileHandle> {
  const file = await openRegularFile(path);
  try {
    if (within !== undefined) await checkOpened(file, path, within);
    return file;
  } catch (error) {
    await file.close();
    throw unreadableFile(error, path);
  }
}

/** Takes the stamp of an open file. */
export async function stampOfFile(file: FileHandle): Promise<FileStamp> {
  return stampOf(await file.stat({ bigint: true }));
}

/** Tells whether `path` is one of `roots` or below one; none of them has links in it. */
export function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => `${path}/`.startsWith(root.endsWith('/') ? root : `${root}/`));
}

/**
 * Refuses a file that was opened and does not lie within its bounds. Linux tells where an open file lies. Other systems do
 * not: there the path is resolved once more, and must lead to the same file, so that what is swapped twice in between may
 * still be read.
 */
async function checkOpened(file: FileHandle, path: string, { roots, refusal }: FileBounds): Promise<void> {
  const opened = await readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined);
  const place = opened ?? (await placeOf(file, path));
  if (place === undefined || !isBelow(place, roots)) throw new ClairError(refusal.code, refusal.message);
}

async function placeOf(file: FileHandle, path: string): Promise<string | undefined> {
  const place = await realpath(path);
  const [there, opened] = await Promise.all([stat(place), file.stat()]);
  return there.dev === opened.dev && there.ino === opened.ino ? place : undefined;
}

/** Explains why the file at `path` could not be opened or read; a ClairError stays what it is. */
export function unreadableFile(error: unknown, path: string): ClairError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return asClairError(error, missing ? 'bytes/not-found' : 'bytes/unreachable', `${path} cannot be read`);
}
