import { versions } from 'node:process';
import { constants, type Gunzip } from 'node:zlib';
import { createMemoryRelease } from '../memory-release.ts';
import type { KeptChunks } from './kept-chunks.ts';

/** Decodes input of a gzip decoder on the calling thread, instead of in the thread pool. */
export type Inflater = {
  /**
   * Decodes the next input, and yields each full buffer. A buffer is reused unless `kept` keeps the buffer. After a
   * failure, `errored` of the decoder is the error.
   */
  readonly decode: (input: Uint8Array) => Generator<Uint8Array, void>;
  /** Yields the output that does not fill a buffer. Afterwards, the decoder itself may decode the next input. */
  readonly rest: () => Generator<Uint8Array, void>;
  /** Whether the gzip stream has ended, and the decoder ignores further input. */
  readonly isOver: () => boolean;
};

/** The size of the output buffer, which stays in the cache of a processor. */
const OUTPUT_BYTES = 256 * 1024;

/** The major versions of Node whose decoders have the functions that {@link inflaterOf} uses. */
const KNOWN_NODES: ReadonlySet<string> = new Set(['20', '22', '24']);

/**
 * Returns the inflater of a decoder that has not received any input. Returns undefined if this version of Node may have
 * other decoders, because the functions are not documented; npm also uses these functions.
 */
export function inflaterOf(decoder: Gunzip, kept?: KeptChunks): Inflater | undefined {
  const native = nativeDecoderOf(decoder);
  if (native === undefined) return undefined;
  const { handle, left } = native;
  const release = createMemoryRelease();
  let output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  let filled = 0;
  let isOver = false;

  function* pass(): Generator<Uint8Array, void> {
    const { buffer } = output;
    kept?.pass(buffer);
    yield output.subarray(0, filled);
    filled = 0;
    if (kept?.isKept(buffer) !== true) return;
    kept.end(buffer);
    output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  }

  return {
    *decode(input) {
      for (let at = 0; !isOver && !decoder.destroyed; ) {
        handle.writeSync(constants.Z_NO_FLUSH, input, at, input.length - at, output, filled, output.length - filled);
        if (decoder.destroyed) return;
        const [outputLeft = 0, inputLeft = 0] = left;
        at = input.length - inputLeft;
        filled = output.length - outputLeft;
        if (outputLeft > 0) {
          // As in Node, a decoder that does not use all input ignores the rest.
          isOver = inputLeft > 0;
          return;
        }
        yield* pass();
      }
    },
    *rest() {
      if (filled > 0) yield* pass();
      release(output.buffer);
    },
    isOver: () => isOver,
  };
}

/** The native decoder, and the sizes of unused output and input after a call. */
type NativeDecoder = {
  readonly handle: {
    readonly writeSync: (
      flush: number,
      input: Uint8Array,
      inputStart: number,
      inputLength: number,
      output: Uint8Array,
      outputStart: number,
      outputLength: number,
    ) => void;
  };
  readonly left: Uint32Array;
};

function nativeDecoderOf(decoder: Gunzip): NativeDecoder | undefined {
  const [major = ''] = versions.node.split('.');
  if (!KNOWN_NODES.has(major) || !('_handle' in decoder) || !('_writeState' in decoder)) return undefined;
  const { _handle: handle, _writeState: left } = decoder;
  return hasWriteSync(handle) && left instanceof Uint32Array && left.length === 2 ? { handle, left } : undefined;
}

function hasWriteSync(handle: unknown): handle is NativeDecoder['handle'] {
  return (
    typeof handle === 'object' && handle !== null && 'writeSync' in handle && typeof handle.writeSync === 'function'
  );
}
