import { gunzipSync } from 'node:zlib';
import { decodeGzip } from '../../../bytes/compression-decoders.ts';
import { ClairError } from '../../../errors.ts';
import { decoded, ofAnotherSize, pieces, type UnpackStart } from '../packed-document.ts';

/** Creates a function that decompresses the start of zstd frames, and ignores the rest, such as headers of members. */
export async function frameStartUnpacker(): Promise<UnpackStart> {
  const { DCtx, ResetDirective } = (await import('zstd-napi/binding.js')).default;
  // A decoder for each chunk would allocate its window each time, which takes ten times as long as decoding.
  const decoder = new DCtx();
  return async (packed, size, where) => {
    const content = Buffer.allocUnsafe(size);
    decoder.reset(ResetDirective.sessionOnly);
    let [length, at] = [0, 0];
    for (let steps = 0; length < size; steps += 1) {
      if (steps === MAX_STEPS) {
        throw new ClairError('bytes/limit-exceeded', `${where}: a part of a file has more than ${MAX_STEPS} frames`);
      }
      const [, produced, consumed] = decoded(where, () =>
        decoder.decompressStream(content.subarray(length), packed.subarray(at)),
      );
      if (produced === 0 && consumed === 0) throw ofAnotherSize(where, length, size);
      length += produced;
      at += consumed;
    }
    return content;
  };
}

/**
 * A step decodes a frame to its end. A chunk usually has one frame, but millions of empty frames would block the event
 * loop for seconds.
 */
const MAX_STEPS = 1000;

/** Creates a function that decompresses the start of gzip members, and ignores the rest. */
export function gzipStartUnpacker(): UnpackStart {
  return async (packed, size, where) => {
    // A stream for each small file would take ten times as long.
    const whole = wholeOf(packed, size + MAX_REST_BYTES);
    if (whole !== undefined && whole.length >= size) return whole.subarray(0, size);
    const content = Buffer.allocUnsafe(size);
    let length = 0;
    for await (const chunk of decodeGzip(pieces(packed), `${where}: a part of a file`)) {
      content.set(chunk.subarray(0, size - length), length);
      length = Math.min(size, length + chunk.length);
      if (length === size) return content;
    }
    throw ofAnotherSize(where, length, size);
  };
}

/** Usually only padding and a few headers follow the last chunk of a gzip member. */
const MAX_REST_BYTES = 64 * 1024;

/** Returns all decompressed bytes; undefined if they exceed `maxBytes` or cannot be decompressed. */
function wholeOf(packed: Uint8Array, maxBytes: number): Buffer | undefined {
  try {
    return gunzipSync(packed, { maxOutputLength: maxBytes, chunkSize: maxBytes });
  } catch {
    return undefined;
  }
}
