import type { Duplex, TransformOptions } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import type lzma from 'lzma-native';
import type zstd from 'zstd-napi/binding.js';

import { ClairError, type ErrorCode, nativeLibrary } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';
import { DecoderInput, type InputPieces } from './chunks/decoder-input.ts';
import { type Inflater, inflaterOf } from './chunks/inflater.ts';
import { type ChunkMemory, released } from './chunks/kept-chunks.ts';
import { createMemoryRelease, type MemoryRelease } from './memory-release.ts';

/**
 * Decodes a compression format. Passes on errors of `source` unchanged, and converts decoder errors to a ClairError
 * that names `where`. Reads `source` to its end, or closes `source` if the consumer stops early.
 */
export type Decoder = (source: ByteStream, where: string, options?: DecoderOptions) => ByteStream;

export type DecoderOptions = ChunkMemory & {
  /**
   * Returns whether each processor has a stream to decode. Decoding on the calling thread then takes less time, because
   * passing chunks between threads takes time, too.
   */
  readonly areProcessorsBusy?: (() => boolean) | undefined;
};

/**
 * The size of a chunk of gzip output. The default of zlib (16 KiB) halves the speed, because each chunk requires a
 * round trip through the thread pool.
 */
const GZIP_CHUNK_BYTES = 512 * 1024;

/**
 * Chunks that are freed after use can be larger, because each thread holds only a few of these chunks. While the
 * consumer reads a large program, it blocks the thread, and the thread pool decodes only one chunk.
 */
const GZIP_TRANSIENT_CHUNK_BYTES = 4 * 1024 * 1024;

/** The number of chunks to decode ahead while the consumer works on a chunk. */
const GZIP_CHUNKS_AHEAD = 2;
const XZ_CHUNKS_AHEAD = 4;

/**
 * The size of the pieces of gzip input. Smaller pieces reduce the speed by a tenth, because each piece also requires a
 * round trip through the thread pool.
 */
const GZIP_PIECE_BYTES = 512 * 1024;

/** For chunks that are freed after use. The chunks of layer files have the same size, so they need not be merged. */
const GZIP_TRANSIENT_PIECE_BYTES = 2 * 1024 * 1024;

/** The memory limit of xz. liblzma rejects streams that need more memory; `xz -9` needs 65 MiB. */
const XZ_MEMORY_BYTES = 256 * 1024 * 1024;

/**
 * The size of the pieces of xz input. The pieces are small, because lzma-native emits all output of a piece at once and
 * xz reaches a ratio of 1:7,000.
 */
const XZ_PIECE_BYTES = 8 * 1024;

/**
 * The flag LZMA_CONCATENATED of liblzma (lzma/container.h), which makes liblzma decode several streams, with padding
 * between the streams, as a single file.
 */
const XZ_CONCATENATED = 0x08;

/** A window of 128 MiB (`zstd --long=27`), the default maximum of the zstd program. */
const ZSTD_WINDOW_LOG_MAX = 27;

const ZSTD_CHUNK_BYTES = 256 * 1024;

/**
 * Decodes gzip (RFC 1952); several members form a single file. Data after the last member is an error unless the data
 * starts with a zero byte (padding, at which gzip(1) also stops).
 *
 * @throws ClairError `bytes/truncated` or `bytes/corrupt`, while the stream is read.
 */
export function decodeGzip(
  source: ByteStream,
  where: string,
  { isTransient = false, isSourceOwned = false, kept, areProcessorsBusy }: DecoderOptions = {},
): ByteStream {
  const options: ZlibOptions & TransformOptions = {
    chunkSize: isTransient ? GZIP_TRANSIENT_CHUNK_BYTES : GZIP_CHUNK_BYTES,
    // In object mode, the stream returns chunks one by one; otherwise Node would concatenate all buffered chunks.
    readableObjectMode: true,
    readableHighWaterMark: GZIP_CHUNKS_AHEAD,
  };
  const explain = (error: unknown): ClairError =>
    failure(codeOf(error) === 'Z_BUF_ERROR' ? 'bytes/truncated' : 'bytes/corrupt', where, 'gzip', error);
  const release = isSourceOwned ? createMemoryRelease() : undefined;
  const decoder = createGunzip(options);
  const inPool = (rest: ByteStream): ByteStream => {
    const bytes = isTransient ? GZIP_TRANSIENT_PIECE_BYTES : GZIP_PIECE_BYTES;
    const output = through(rest, decoder, { bytes, release }, explain);
    // zlib fills a buffer with one or more chunks, and never reuses a full buffer.
    return isTransient ? released(output, kept) : output;
  };
  const inflater = isTransient && areProcessorsBusy?.() === true ? inflaterOf(decoder, kept) : undefined;
  if (inflater === undefined || areProcessorsBusy === undefined) return inPool(source);
  return inflated(source, { decoder, inflater, areProcessorsBusy, release, explain, inPool });
}

/**
 * The output between two turns of the event loop. Time limits need these turns, because a chunk of input can expand to
 * 2 GiB.
 */
const TURN_BYTES = 16 * 1024 * 1024;

type Inflating = {
  readonly decoder: Gunzip;
  readonly inflater: Inflater;
  readonly areProcessorsBusy: () => boolean;
  readonly release: MemoryRelease | undefined;
  readonly explain: (error: unknown) => ClairError;
  readonly inPool: (rest: ByteStream) => ByteStream;
};

/** Decodes gzip on the calling thread until a processor is idle, and the rest in the thread pool. */
async function* inflated(source: ByteStream, inflating: Inflating): AsyncGenerator<Uint8Array> {
  const { decoder, inflater, areProcessorsBusy, release, explain, inPool } = inflating;
  // The decoder also emits the error that `errored` returns.
  decoder.on('error', () => undefined);
  const chunks = source[Symbol.asyncIterator]();
  let isPassedOn = false;
  let sinceTurn = 0;
  try {
    while (areProcessorsBusy() || inflater.isOver()) {
      const { value: chunk, done } = await chunks.next();
      if (done === true) break;
      for (const output of inflater.decode(chunk)) {
        yield output;
        sinceTurn += output.length;
        if (sinceTurn < TURN_BYTES) continue;
        sinceTurn = 0;
        await nextTurn();
      }
      if (decoder.errored !== null) throw explain(decoder.errored);
      release?.(chunk.buffer);
    }
    yield* inflater.rest();
    if (inflater.isOver()) return;
    isPassedOn = true;
    // Also reports a missing end if all input was decoded.
    yield* inPool({ [Symbol.asyncIterator]: () => chunks });
  } finally {
    decoder.destroy();
    // The pool closes the source, and may still wait for the next chunk.
    if (!isPassedOn) await chunks.return?.();
  }
}

/**
 * Decodes xz (the .xz file format, 1.1.0) with several streams and stream padding.
 *
 * @throws ClairError `bytes/truncated`, `bytes/corrupt`, or `bytes/limit-exceeded` when decoding needs too much memory,
 * while the stream is read.
 */
export async function* decodeXz(source: ByteStream, where: string): AsyncGenerator<Uint8Array> {
  const options: lzma.LzmaOptions & TransformOptions = {
    memlimit: XZ_MEMORY_BYTES,
    readableObjectMode: true,
    readableHighWaterMark: XZ_CHUNKS_AHEAD,
  };
  // The published types require a string, but the library passes the value to liblzma, which requires a number.
  Object.assign(options, { flags: XZ_CONCATENATED });
  // Loading the library takes 30 ms in each thread, and few layers are compressed with xz.
  const { createStream } = (await nativeLibrary('lzma-native', () => import('lzma-native'))).default;
  const decoder = createStream('streamDecoder', options);
  // The library frees its memory on completion and failure, but not on destroy, so this code emits the library's own
  // event `error-cleanup`, which frees the memory.
  decoder.once('close', () => decoder.emit('error-cleanup'));
  yield* through(source, decoder, { bytes: XZ_PIECE_BYTES, release: undefined }, (error) => {
    const name = error instanceof Error ? error.name : '';
    if (name === 'LZMA_BUF_ERROR') return failure('bytes/truncated', where, 'xz', error);
    if (name === 'LZMA_MEMLIMIT_ERROR') {
      return exceeded(where, `the xz stream needs more than ${XZ_MEMORY_BYTES} bytes of memory`, error);
    }
    return failure('bytes/corrupt', where, 'xz', error);
  });
}

/**
 * Decodes Zstandard (RFC 8878) with several frames, skippable frames and windows of up to 128 MiB. Runs on the calling
 * thread and decodes one chunk for each request of the consumer.
 *
 * @throws ClairError `bytes/truncated`, `bytes/corrupt`, or `bytes/limit-exceeded` when the window is too large, while
 * the stream is read.
 */
export async function* decodeZstd(
  source: ByteStream,
  where: string,
  { isTransient = false }: ChunkMemory = {},
): AsyncGenerator<Uint8Array> {
  // Loading the library takes time in each thread, and few layers are compressed with zstd.
  const { DCtx, DParameter } = (await nativeLibrary('zstd-napi', () => import('zstd-napi/binding.js'))).default;
  const decoder = new DCtx();
  decoder.setParameter(DParameter.windowLogMax, ZSTD_WINDOW_LOG_MAX);
  let inFrame = false;
  let output = Buffer.allocUnsafe(ZSTD_CHUNK_BYTES);
  for await (const chunk of source) {
    let at = 0;
    let outputFull = false;
    while (at < chunk.length || outputFull) {
      const [hint, produced, consumed] = decodeZstdPiece(decoder, output, chunk.subarray(at), where);
      at += consumed;
      // ZSTD_decompressStream (zstd.h) returns 0 when a frame is complete and flushed.
      inFrame = hint !== 0;
      outputFull = inFrame && produced === output.length;
      if (produced === 0) continue;
      yield output.subarray(0, produced);
      // Allocate only after a yield, because a chunk can contain thousands of empty frames.
      if (!isTransient) output = Buffer.allocUnsafe(ZSTD_CHUNK_BYTES);
    }
  }
  if (inFrame) throw new ClairError('bytes/truncated', `${where}: the zstd stream ends too early`);
}

function decodeZstdPiece(
  decoder: InstanceType<typeof zstd.DCtx>,
  output: Uint8Array,
  input: Uint8Array,
  where: string,
): readonly [hint: number, produced: number, consumed: number] {
  try {
    return decoder.decompressStream(output, input);
  } catch (error) {
    const tooLong = error instanceof Error && error.message.includes('too much memory');
    if (!tooLong) throw failure('bytes/corrupt', where, 'zstd', error);
    throw exceeded(where, `the zstd stream has a window of more than ${2 ** ZSTD_WINDOW_LOG_MAX} bytes`, error);
  }
}

/** Passes `source` through a Node stream in pieces; `explain` converts the errors of the decoder. */
async function* through(
  source: ByteStream,
  decoder: Duplex,
  pieces: InputPieces,
  explain: (error: unknown) => ClairError,
): AsyncGenerator<Uint8Array> {
  const feeding: Feeding = { stopped: false, failure: null };
  // lzma-native can emit an error after the end of the iteration; an unhandled error would crash the process.
  decoder.on('error', () => undefined);
  const fed = feed(source, decoder, pieces, feeding);
  try {
    yield* chunksOf(decoder, feeding, explain);
    // Read the rest of the source after the compressed stream, because a caller that hashes the source needs all bytes.
    await fed;
    if (feeding.failure !== null) throw feeding.failure.error;
  } finally {
    // Do not await `fed` here, because a hanging source must not block a consumer that stops early; `feed` ends after
    // the current chunk.
    feeding.stopped = true;
    decoder.destroy();
  }
}

type Feeding = { stopped: boolean; failure: { readonly error: unknown } | null };

async function* chunksOf(
  decoder: Duplex,
  feeding: Feeding,
  explain: (error: unknown) => ClairError,
): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = decoder[Symbol.asyncIterator]();
  for (;;) {
    let result;
    try {
      result = await chunks.next();
    } catch (error) {
      throw feeding.failure === null ? explain(error) : feeding.failure.error;
    }
    if (result.done === true) return;
    yield result.value;
  }
}

/**
 * Feeds the decoder. The returned promise never rejects; an error of the source is stored in `feeding` and destroys the
 * decoder.
 */
async function feed(source: ByteStream, decoder: Duplex, pieces: InputPieces, feeding: Feeding): Promise<void> {
  const input = new DecoderInput(decoder, pieces);
  try {
    for await (const chunk of source) {
      if (!feeding.stopped) await input.add(chunk);
      if (feeding.stopped) return;
    }
    await input.end();
  } catch (error) {
    feeding.failure = { error };
    decoder.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function exceeded(where: string, what: string, error: unknown): ClairError {
  return new ClairError('bytes/limit-exceeded', `${where}: ${what}`, { cause: error });
}

function failure(code: ErrorCode, where: string, form: string, error: unknown): ClairError {
  const reason = error instanceof Error ? error.message : String(error);
  // The decoder messages for a truncated stream ("No progress is possible") do not name the cause.
  const said = code === 'bytes/truncated' ? 'ends too early' : `cannot be decoded: ${reason}`;
  return new ClairError(code, `${where}: the ${form} stream ${said}`, { cause: error });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
