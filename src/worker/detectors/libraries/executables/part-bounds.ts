import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { ExecutablePart } from './executable.ts';

/**
 * The maximum number of sections or segments of a file. Compilers write tens of thousands of sections into object
 * files, and about 50 into programs.
 */
export const MAX_PARTS = 65_535;

/** The maximum length of a name, longer than the names that compilers write. */
const MAX_NAME_BYTES = 64;

/** Returns the start and end of a part within the file; undefined for a part without bytes in the file. */
export function rangeInFile(
  file: ChunkedBytes,
  start: number,
  size: number,
): Pick<ExecutablePart, 'start' | 'end'> | undefined {
  if (size <= 0 || start >= file.length) return undefined;
  return { start, end: Math.min(start + size, file.length) };
}

/** Returns the number of table entries in the file, at most `MAX_PARTS`. */
export function entriesInFile(file: ChunkedBytes, start: number, entryBytes: number, count: number): number {
  if (start === 0 || entryBytes === 0 || start >= file.length) return 0;
  return Math.min(count, Math.floor((file.length - start) / entryBytes), MAX_PARTS);
}

/** Returns the text from `start` up to a NUL or `end`, but at most 64 characters. */
export function nameAt(file: ChunkedBytes, start: number, end: number = start + MAX_NAME_BYTES): string {
  const text = file.range(start, Math.min(end, start + MAX_NAME_BYTES)).toString('latin1');
  const length = text.indexOf('\0');
  return length === -1 ? text : text.slice(0, length);
}
