import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { ClairError } from '../../errors.ts';
import { createTurns } from '../../threads/turns.ts';
import { type FilePart, openFilePart, openRegularFile, stampOfFile, unreadableFile } from '../file-bytes.ts';
import { areSameStamps, type FileStamp } from '../file-stamp.ts';
import { FileContent } from './file-content.ts';
import type { TarSummary, TarVisitor, TarWalkOptions } from './entry.ts';
import { TAR_LIMITS } from './limits.ts';
import { TarWalk } from './walker.ts';

/** The size of the first read and of reads after a skip, because the next header can lead to another skip. */
const LEAST_READ_BYTES = 64 * 1024;

/**
 * The maximum read size. Unwanted bodies up to this size are read, because skipping small bodies would save nothing.
 */
const MOST_READ_BYTES = 256 * 1024;

/**
 * Reads an uncompressed tar archive from a file as `walkTar()` reads a stream, but skips large unwanted bodies and all
 * data after the end of the archive.
 *
 * @throws the errors of `walkTar()`; ClairError `bytes/not-found` and `bytes/unreachable`, as `fileBytes()` does
 */
export async function walkTarFile(path: string, visitor: TarVisitor, options: TarWalkOptions): Promise<TarSummary> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    return await leapingWalk({ file, path, start: 0, size }, readLater, visitor, options);
  } finally {
    await file.close();
  }
}

/**
 * Reads an archive again, from a file or a file part, as {@link walkTarFile} does, but blocks the thread during each
 * read. Waiting for a read takes longer than reading bytes that the system has cached.
 *
 * @param stamp the stamp of the file from the previous read
 * @throws the errors of `walkTar()`; ClairError `bytes/digest-mismatch` if the file's stamp differs before or after the
 * read; `bytes/not-found`, `bytes/unreachable` and the error of `part.within`, as `fileBytes()` does
 */
export async function walkSameTar(
  part: FilePart,
  stamp: FileStamp,
  visitor: TarVisitor,
  options: TarWalkOptions,
): Promise<TarSummary> {
  const { path, range } = part;
  const file = await openFilePart(part);
  const check = async (): Promise<void> => {
    if (areSameStamps(await stampOfFile(file), stamp)) return;
    throw new ClairError('bytes/digest-mismatch', `${options.where}: ${path} has changed since it was read`);
  };
  try {
    await check();
    const { start, length } = range ?? { start: 0, length: Number(stamp.size) };
    const summary = await leapingWalk({ file, path, start, size: length }, readNow, visitor, options);
    await check();
    return summary;
  } finally {
    await file.close();
  }
}

type OpenPart = { readonly file: FileHandle; readonly path: string; readonly start: number; readonly size: number };

/** Reads up to the length of the buffer from a position, and returns the number of bytes. */
type Read = (file: FileHandle, buffer: Buffer, position: number) => number | Promise<number>;

const readLater: Read = async (file, buffer, position) =>
  (await file.read(buffer, 0, buffer.length, position)).bytesRead;

const readNow: Read = ({ fd }, buffer, position) => readSync(fd, buffer, 0, buffer.length, position);

async function leapingWalk(
  { file, path, start, size }: OpenPart,
  read: Read,
  visitor: TarVisitor,
  options: TarWalkOptions,
): Promise<TarSummary> {
  const content = new FileContent(undefined);
  const walk = new TarWalk(visitor, options.where, { ...TAR_LIMITS, ...options.limits }, content);
  const buffer = Buffer.allocUnsafeSlow(MOST_READ_BYTES);
  const turns = createTurns();
  let readBytes = LEAST_READ_BYTES;
  try {
    for (let position = 0; position < size && !walk.isOver; ) {
      if (turns.areDue()) await turns.take();
      options.signal?.throwIfAborted();
      if (walk.unwanted > MOST_READ_BYTES) {
        // If the file is too short, `unwanted` remains positive and `end()` reports the truncation.
        const leap = Math.min(walk.unwanted, size - position);
        walk.leap(leap);
        position += leap;
        readBytes = LEAST_READ_BYTES;
      } else {
        const chunk = buffer.subarray(0, Math.min(readBytes, size - position));
        const bytes = await readPart(read, { file, path }, chunk, start + position);
        walk.write(chunk.subarray(0, bytes));
        position += bytes;
        readBytes = Math.min(2 * readBytes, MOST_READ_BYTES);
      }
    }
    return walk.end();
  } finally {
    content.free();
  }
}

async function readPart(
  read: Read,
  { file, path }: Pick<OpenPart, 'file' | 'path'>,
  chunk: Buffer,
  position: number,
): Promise<number> {
  let bytes: number;
  try {
    bytes = await read(file, chunk, position);
  } catch (error) {
    throw unreadableFile(error, path);
  }
  if (bytes > 0) return bytes;
  throw new ClairError(
    'bytes/truncated',
    `${path} shrank below ${position + chunk.length} bytes while it was being read`,
  );
}
