import { ClairError } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';
import { decodeBzip2 } from './bzip2/decoder.ts';
import { bounded, counted, EXPANSION_LIMITS, type ExpansionLimits } from './compression-bounds.ts';
import { type ChunkMemory, released } from './chunks/kept-chunks.ts';
import { type Decoder, decodeGzip, decodeXz, decodeZstd } from './compression-decoders.ts';

/** The compression formats. */
export type Compression = 'none' | 'gzip' | 'xz' | 'zstd' | 'bzip2';

export type DecompressOptions = {
  /** The name of the data in messages. */
  readonly where: string;
  readonly accept: readonly Compression[];
  readonly limits?: Partial<ExpansionLimits>;
  readonly signal?: AbortSignal;
  readonly memory?: ChunkMemory;
  /** Returns whether each processor has a stream to decode. */
  readonly areProcessorsBusy?: (() => boolean) | undefined;
};

export type Decompressed = { readonly compression: Compression; readonly stream: ByteStream };

type CompressionForm = {
  readonly compression: Exclude<Compression, 'none'>;
  readonly startsWith: (head: Uint8Array) => boolean;
  readonly decode: Decoder;
};

const FORMS: readonly CompressionForm[] = [
  // A member starts with ID1, ID2 and the only defined compression method (RFC 1952 section 2.3.1).
  { compression: 'gzip', startsWith: (head) => begins(head, [0x1f, 0x8b, 0x08]), decode: decodeGzip },
  // A stream starts with the magic bytes (.xz file format 1.1.0, section 2.1.1.1).
  { compression: 'xz', startsWith: (head) => begins(head, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), decode: decodeXz },
  { compression: 'zstd', startsWith: startsLikeZstd, decode: decodeZstd },
  { compression: 'bzip2', startsWith: startsLikeBzip2, decode: decodeBzip2 },
];

/** The number of bytes that {@link compressionOf} needs. */
export const HEAD_BYTES = 10;

/** Detects the compression by the first {@link HEAD_BYTES} bytes; unknown or empty input counts as uncompressed. */
export function compressionOf(head: Uint8Array): Compression {
  return formOf(head)?.compression ?? 'none';
}

function formOf(head: Uint8Array): CompressionForm | undefined {
  return FORMS.find((candidate) => candidate.startsWith(head));
}

/**
 * Detects the compression of `stream` by the first bytes, never by a media type, and decodes the stream. Unknown or
 * empty input is treated as uncompressed. The caller must iterate the returned stream, at least partly; otherwise
 * `stream` stays open.
 *
 * @throws ClairError `bytes/unsupported-compression` if `accept` lacks the format; the errors of `stream`, unchanged;
 *   while the returned stream is read, also the errors of the decoder, `bytes/limit-exceeded` for too much expansion,
 *   and the abort reason of `signal`
 */
export async function decompress(stream: ByteStream, options: DecompressOptions): Promise<Decompressed> {
  const { where, signal, memory, areProcessorsBusy } = options;
  const limits = { ...EXPANSION_LIMITS, ...options.limits };
  const chunks = stream[Symbol.asyncIterator]();
  const head = await readHead(chunks);
  const form = formOf(head);
  const compression = form?.compression ?? 'none';
  const decode = form?.decode ?? pass;
  if (!options.accept.includes(compression)) {
    await chunks.return?.();
    const found = compression === 'none' ? 'unknown compression' : `${compression} is not supported`;
    throw new ClairError(
      'bytes/unsupported-compression',
      `${where}: ${found}; supported: ${options.accept.join(', ')}`,
    );
  }
  const input = { bytes: 0 };
  const source = counted(resumed(head, chunks), input, signal);
  const output = decode(source, where, { ...memory, areProcessorsBusy });
  return { compression, stream: bounded(output, input, where, limits, signal) };
}

function begins(head: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => head[index] === byte);
}

/** Matches a frame or one of the 16 kinds of skippable frames (RFC 8878 sections 3.1.1 and 3.1.2). */
function startsLikeZstd(head: Uint8Array): boolean {
  const first = head[0] ?? 0;
  return begins(head, [0x28, 0xb5, 0x2f, 0xfd]) || (first >> 4 === 5 && begins(head.subarray(1), [0x2a, 0x4d, 0x18]));
}

/**
 * Checks `BZh`, the level, and the magic number of a block or of the end, because a tar can start with a file named
 * `BZh1`.
 */
function startsLikeBzip2(head: Uint8Array): boolean {
  const level = head[3] ?? 0;
  if (!begins(head, [0x42, 0x5a, 0x68]) || level < 0x31 || level > 0x39) return false;
  const mark = head.subarray(4);
  return begins(mark, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) || begins(mark, [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]);
}

function pass(source: ByteStream, _: string, { isTransient, isSourceOwned, kept }: ChunkMemory = {}): ByteStream {
  return isTransient === true && isSourceOwned === true ? released(source, kept) : source;
}

async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* resumed(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}
