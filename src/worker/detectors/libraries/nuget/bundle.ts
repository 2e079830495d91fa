import { createHash } from 'node:crypto';
import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { Executable, ExecutablePart } from '../executables/executable.ts';
import { FieldReader } from '../executables/field-reader.ts';

/**
 * The data of a .NET program contains this mark, preceded by the position of the bundle header; the position is 0 if
 * the program is not a bundle.
 */
const MARK = createHash('sha256').update('.net core bundle\n').digest();

const POSITION_BYTES = 8;

/** Real bundles have a few hundred files; the largest have a few thousand. */
const MAX_FILES = 20_000;
const MAX_NAME_BYTES = 4096;

const HEADER_BYTES = 12;
const DEPS_JSON = 3;

/** The place of the list of libraries in a bundle, in bytes from the start of the program. */
export type BundledFile = { readonly start: number; readonly end: number };

/**
 * Finds the `*.deps.json` file in a single-file .NET application. Returns undefined for a program that is not a bundle,
 * and `unreadable` for a broken bundle or a bundle without the file.
 *
 * Source: bundler design.md in dotnet/designs, and Manifest.cs in dotnet/runtime.
 */
export function findBundledDeps({ bytes, segments }: Executable): BundledFile | 'unreadable' | undefined {
  const mark = markIn(bytes, segments);
  if (mark < POSITION_BYTES) return undefined;
  const fields = new FieldReader(bytes, true);
  const header = fields.u64(mark - POSITION_BYTES);
  if (header === 0) return undefined;
  if (header + HEADER_BYTES > bytes.length) return 'unreadable';
  const found = readHeader(bytes, fields, header);
  return found !== undefined && found.start > 0 && found.start < found.end && found.end <= bytes.length
    ? found
    : 'unreadable';
}

/**
 * Returns the position of the mark, or -1. Only writable data is searched: tools that create bundles contain the mark
 * as a constant.
 */
function markIn(bytes: ChunkedBytes, parts: readonly ExecutablePart[]): number {
  for (const { start, end, isWritableData } of parts) {
    if (!isWritableData) continue;
    const at = bytes.slice(start, end).indexOf(MARK, 0);
    if (at !== -1) return start + at;
  }
  return -1;
}

/**
 * From version 2 on, the header contains the position of the `*.deps.json` file; in version 1 (.NET Core 3), only the
 * file list contains the position.
 */
function readHeader(bytes: ChunkedBytes, fields: FieldReader, header: number): BundledFile | undefined {
  const major = fields.u32(header);
  const id = textAt(bytes, header + HEADER_BYTES);
  if (id === undefined) return undefined;
  if (major >= 2) return placeAt(fields, id.end);
  return major === 1 ? fileInList(bytes, fields, { start: id.end, count: fields.u32(header + 8) }) : undefined;
}

function placeAt(fields: FieldReader, at: number): BundledFile {
  const start = fields.u64(at);
  return { start, end: start + fields.u64(at + 8) };
}

function fileInList(
  bytes: ChunkedBytes,
  fields: FieldReader,
  { start, count }: { readonly start: number; readonly count: number },
): BundledFile | undefined {
  let at = start;
  for (let file = 0; file < Math.min(count, MAX_FILES); file += 1) {
    const name = textAt(bytes, at + 17);
    if (name === undefined) return undefined;
    if (bytes.at(at + 16) === DEPS_JSON) return placeAt(fields, at);
    at = name.end;
  }
  return undefined;
}

/** Returns the end of a string; the length precedes the string in groups of 7 bits (`BinaryWriter.Write(String)`). */
function textAt(bytes: ChunkedBytes, at: number): { readonly end: number } | undefined {
  const [low = 0, high = 0] = [bytes.at(at), bytes.at(at + 1)];
  const isLong = (low & 0x80) !== 0;
  const length = isLong ? (low & 0x7f) | (high << 7) : low;
  const end = at + (isLong ? 2 : 1) + length;
  return length <= MAX_NAME_BYTES && end <= bytes.length ? { end } : undefined;
}
