import { ClairError } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';

/** The size up to which output is always accepted, because small layers that are full of zeros are legitimate. */
const EXPANSION_FREE_BYTES = 512 * 1024 * 1024;

/**
 * The maximum output per byte of input beyond {@link EXPANSION_FREE_BYTES}. Deflate reaches at most 1:1,032; real
 * layers stay below 1:20.
 */
const MAX_EXPANSION_RATIO = 500;

/** The maximum size of the output: larger than any layer that registries accept. */
const MAX_UNCOMPRESSED_BYTES = 64 * 1024 ** 3;

/** The limits of expansion: two sizes in bytes, and a ratio; docs/reference/limits.md lists the defaults. */
export type ExpansionLimits = {
  readonly expansionFreeBytes: number;
  readonly maxExpansionRatio: number;
  readonly maxUncompressedBytes: number;
};

export const EXPANSION_LIMITS: ExpansionLimits = {
  expansionFreeBytes: EXPANSION_FREE_BYTES,
  maxExpansionRatio: MAX_EXPANSION_RATIO,
  maxUncompressedBytes: MAX_UNCOMPRESSED_BYTES,
};

export type InputCount = { bytes: number };

/**
 * Passes `source` through and counts its bytes in `count`. Also checks `signal`, because endless input can produce no
 * output (empty gzip members).
 *
 * @throws the abort reason of `signal` after an abort; the errors of `source`
 */
export async function* counted(
  source: ByteStream,
  count: InputCount,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    signal?.throwIfAborted();
    count.bytes += chunk.length;
    yield chunk;
  }
}

/**
 * Passes `output` through as long as it stays within `limits` for the size of `input`. Decoders read slightly ahead, so
 * the measured ratio is never above the real ratio.
 *
 * @throws ClairError `bytes/limit-exceeded` that names `where`; the abort reason of `signal` after an abort; the errors
 * of `output`
 */
export async function* bounded(
  output: ByteStream,
  input: InputCount,
  where: string,
  limits: ExpansionLimits,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of output) {
    signal?.throwIfAborted();
    bytes += chunk.length;
    if (bytes > limits.maxUncompressedBytes) {
      throw new ClairError('bytes/limit-exceeded', `${where}: more than ${limits.maxUncompressedBytes} bytes`);
    }
    if (bytes > limits.expansionFreeBytes && bytes > limits.maxExpansionRatio * input.bytes) {
      throw new ClairError(
        'bytes/limit-exceeded',
        `${where}: ${input.bytes} compressed bytes expand to more than ${limits.maxExpansionRatio} times their size`,
      );
    }
    yield chunk;
  }
}
