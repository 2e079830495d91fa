import type { FileHandle } from 'node:fs/promises';
import { ClairError } from '../../errors.ts';
import { type FilePart, openFilePart, openRegularFile, stampOfFile } from '../file-bytes.ts';
import { areSameStamps, type FileStamp } from '../file-stamp.ts';
import { FileContent } from './file-content.ts';
import type { TarSummary, TarVisitor, TarWalkOptions } from './entry.ts';
import { TAR_LIMITS } from './limits.ts';
import { ReadAhead } from './read-ahead.ts';
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
    return await leapingWalk({ file, path, start: 0, size }, visitor, options);
  } finally {
    await file.close();
  }
}

/**
 * Reads an archive again, from a file or a file part, as {@link walkTarFile} does.
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
    const summary = await leapingWalk({ file, path, start, size: length }, visitor, options);
    await check();
    return summary;
  } finally {
    await file.close();
  }
}

type OpenPart = { readonly file: FileHandle; readonly path: string; readonly start: number; readonly size: number };

async function leapingWalk(
  { file, path, start, size }: OpenPart,
  visitor: TarVisitor,
  options: TarWalkOptions,
): Promise<TarSummary> {
  const content = new FileContent(undefined);
  const walk = new TarWalk(visitor, options.where, { ...TAR_LIMITS, ...options.limits }, content);
  const reads = new ReadAhead({ file, path }, MOST_READ_BYTES);
  let readBytes = LEAST_READ_BYTES;
  try {
    for (let position = 0; position < size && !walk.isOver; ) {
      options.signal?.throwIfAborted();
      if (walk.unwanted > MOST_READ_BYTES) {
        // If the file is too short, `unwanted` remains positive and `end()` reports the truncation.
        const leap = Math.min(walk.unwanted, size - position);
        walk.leap(leap);
        position += leap;
        readBytes = LEAST_READ_BYTES;
      } else {
        const chunk = await reads.take(start + position, Math.min(readBytes, size - position));
        position += chunk.length;
        const isAfterSkip = readBytes === LEAST_READ_BYTES;
        readBytes = Math.min(2 * readBytes, MOST_READ_BYTES);
        // The first header after a skip often leads to another skip.
        if (!isAfterSkip && position < size) reads.start(start + position, Math.min(readBytes, size - position));
        walk.write(chunk);
      }
    }
    return walk.end();
  } finally {
    content.free();
  }
}
