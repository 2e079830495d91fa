import { ClairError } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';

/** Output up to here may come from any input: small layers of zeros are honest. */
const EXPANSION_FREE_BYTES = 512 * 1024 * 1024;

/** Beyond that, output per byte of input. Deflate ends at 1:1,032; real layers lie under 1:20. */
const MAX_EXPANSION_RATIO = 500;

/** More than any layer that a registry would take. */
const MAX_UNCOMPRESSED_BYTES = 64 * 1024 ** 3;

/** How far compressed bytes may expand, in bytes; the defaults are those of docs/operating.md. */
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

/** Bytes that went into a decoder so far. */
export type InputCount = { bytes: number };

/**
 * Passes `source` on and counts its bytes in `count`. Input may go on for ever and give no output, as members of gzip
 * that are empty do: so the signal counts here, too.
 *
 * @throws the reason of `signal` once that is aborted.
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
 * Passes `output` on as long as it stays within `limits`, given how many bytes of `input` it was made of.
 * Decoders read a little ahead, so the ratio is taken against slightly more input than was used: never too strict.
 *
 * @throws ClairError `bytes/limit-exceeded` naming `where`; the reason of `signal` once that is aborted.
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
        `${where}: ${input.bytes} compressed bytes give more than ${limits.maxExpansionRatio} times as many`,
      );
    }
    yield chunk;
  }
}
