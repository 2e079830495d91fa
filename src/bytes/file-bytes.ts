import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { asClairError, ClairError, type ErrorCode } from '../errors.ts';
import { type FileStamp, stampOf } from './file-stamp.ts';

/** The default size of a read: large enough to make system calls cheap, and small enough for a processor cache. */
const CHUNK_BYTES = 512 * 1024;

/** A part of a file, in bytes. */
export type FileRange = { readonly start: number; readonly length: number };

/**
 * Receives the stamp of an open file before the first byte is read, and again after the last byte is read. The second
 * call is missing if the range is empty, or if the reader stops early.
 */
export type StampWatch = (stamp: FileStamp) => void;

export type FileReading = {
  /** Receives the stamps of the opened file. */
  readonly watch?: StampWatch;
  /** The maximum size of a chunk; 512 KiB by default. */
  readonly chunkBytes?: number;
};

export type FilePart = { readonly path: string; readonly range?: FileRange; readonly within?: FileBounds };

/** The allowed files and directories, and the error for all other files. */
export type FileBounds = {
  /** The allowed directories and files, with resolved links. */
  readonly roots: readonly string[];
  readonly refusal: { readonly code: ErrorCode; readonly message: string };
};

/**
 * Reads a regular file or a range of the file. Opens the file when the first byte is requested. Checks `within` against
 * the opened file, because another process can replace the file at the path in the meantime.
 *
 * @throws ClairError `bytes/not-found` when `path` does not exist, `bytes/unreachable` when it is unreadable or not a
 *   regular file (a pipe or a device could block the reader forever); the error that `within` defines.
 */
export async function* fileBytes(
  path: string,
  range?: FileRange,
  within?: FileBounds,
  { watch, chunkBytes = CHUNK_BYTES }: FileReading = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let file: FileHandle | undefined;
  try {
    file = await openFilePart({ path, ...(within && { within }) });
    watch?.(await stampOfFile(file));
    if (range?.length === 0) return;
    const bounds = range === undefined ? {} : { start: range.start, end: range.start + range.length - 1 };
    yield* file.createReadStream({ ...bounds, highWaterMark: chunkBytes, autoClose: false });
    watch?.(await stampOfFile(file));
  } catch (error) {
    throw unreadableFile(error, path);
  } finally {
    await file?.close();
  }
}

/**
 * Opens a regular file for reading; the caller must close the file. Never blocks on a pipe.
 *
 * @param links whether to follow a link at `path`
 * @throws ClairError as {@link fileBytes}
 */
export async function openRegularFile(path: string, links: 'follow' | 'refuse' = 'follow'): Promise<FileHandle> {
  // Without O_NONBLOCK, opening a pipe waits for a writer; regular files ignore the flag.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (links === 'refuse' ? constants.O_NOFOLLOW : 0);
  try {
    const file = await open(path, flags);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    throw unreadableFile(error, path);
  }
  throw new ClairError('bytes/unreachable', `${path} is not a regular file`);
}

/**
 * Opens a file or file part and checks `within` as {@link fileBytes} does; the caller must close the file.
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

/** Returns the stamp of an open file. @throws the error of the file system */
export async function stampOfFile(file: FileHandle): Promise<FileStamp> {
  return stampOf(await file.stat({ bigint: true }));
}

/** Returns whether `path` is one of `roots` or below one of the roots. The roots must not contain links. */
export function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => `${path}/`.startsWith(root.endsWith('/') ? root : `${root}/`));
}

/**
 * Checks that an opened file is within its bounds. Linux reports the path of an open file. On other systems, the
 * function resolves the path again and checks that the path leads to the same file. On these systems, a file that is
 * swapped twice during the check can still be read.
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

/** Explains why the file at `path` could not be opened or read; a ClairError is returned unchanged. */
export function unreadableFile(error: unknown, path: string): ClairError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return asClairError(error, missing ? 'bytes/not-found' : 'bytes/unreachable', `cannot read ${path}`);
}
