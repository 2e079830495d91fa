import { pipeline, Readable } from 'node:stream';
import { nativeLibrary } from '../../errors.ts';
import { type ExportRecord, isExportRecord, MAX_LINE_BYTES, recordFault } from './export-record.ts';

/**
 * The Zstandard level. The output is a tenth smaller than at the default level, and compression takes little time
 * compared with reading the database.
 */
const COMPRESSION_LEVEL = 9;

/** Characters per write to the compressor. */
const CHUNK_CHARACTERS = 256 * 1024;

/** @throws Error for a record that no reader accepts, because of a bug in Clair */
export function lineOf(record: ExportRecord): string {
  if (!isExportRecord(record)) {
    throw new Error(`cannot export an entry: ${recordFault(record)}: ${JSON.stringify(record)}`);
  }
  const line = JSON.stringify(record);
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) {
    throw new Error(`cannot export an entry: ${line.slice(0, 200)}… is longer than ${MAX_LINE_BYTES} bytes`);
  }
  return `${line}\n`;
}

/** Compresses lines with Zstandard; equal lines produce equal bytes. Throws the errors of `lines` unchanged. */
export async function* compressed(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  // The library is loaded here, because most commands compress nothing.
  const { CompressStream } = await nativeLibrary('zstd-napi', () => import('zstd-napi'));
  const compressor = new CompressStream({ compressionLevel: COMPRESSION_LEVEL });
  // Ignore the errors here, because the iteration below throws them. The end of the iteration closes `lines`.
  pipeline(Readable.from(chunksOf(lines)), compressor, () => undefined);
  yield* compressor;
}

async function* chunksOf(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}
