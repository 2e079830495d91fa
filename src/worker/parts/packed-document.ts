import { createHash, type Hash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { decodeGzip, decodeZstd } from '../../bytes/compression-decoders.ts';
import { ClairError } from '../../errors.ts';
import { digestOfHex } from '../../model/digest.ts';

/** Checks the digest of bytes. @throws ClairError `bytes/digest-mismatch` */
export function checkDigestOf(bytes: Uint8Array, expected: string, where: string): void {
  checkHash(createHash('sha256').update(bytes), expected, where);
}

/** Completes a SHA-256 hash and checks the digest. @throws ClairError `bytes/digest-mismatch` */
export function checkHash(hash: Hash, expected: string | undefined, where: string): void {
  const digest = digestOfHex(hash.digest('hex'));
  if (digest === expected) return;
  const stated = expected === undefined ? ', but the table of contents states none' : ` instead of ${expected}`;
  throw new ClairError('bytes/digest-mismatch', `${where} has digest ${digest}${stated}`);
}

/**
 * Decompresses a document in pieces, up to its stated size.
 *
 * @throws ClairError `bytes/corrupt`, `bytes/truncated`; `bytes/limit-exceeded` for a document larger than stated
 */
export async function* unpacked(packed: Uint8Array, size: number, where: string): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of decodeZstd(pieces(packed), where)) {
    bytes += chunk.length;
    if (bytes > size) throw new ClairError('bytes/limit-exceeded', `${where} is larger than the stated ${size} bytes`);
    yield chunk;
  }
}

/**
 * Decompresses the stored bytes of a chunk to at least `size` bytes.
 *
 * @throws ClairError `bytes/corrupt`, `bytes/truncated` or `bytes/limit-exceeded` for bytes that cannot be decompressed
 * or have another size
 */
export type UnpackStart = (packed: Uint8Array, size: number, where: string) => Promise<Buffer>;

/** Creates a function that decompresses zstd frames of exactly the requested size, as zstd:chunked has them. */
export async function frameUnpacker(): Promise<UnpackStart> {
  const { DCtx } = (await import('zstd-napi/binding.js')).default;
  const decoder = new DCtx();
  return async (packed, size, where) => {
    const content = Buffer.allocUnsafe(size);
    const length = decoded(where, () => decoder.decompress(content, packed));
    if (length !== size) throw ofAnotherSize(where, length, size);
    return content;
  };
}

/** Creates a function that decompresses the start of zstd frames, and ignores the rest, such as headers of members. */
export async function frameStartUnpacker(): Promise<UnpackStart> {
  const { DCtx, ResetDirective } = (await import('zstd-napi/binding.js')).default;
  // A decoder for each chunk would allocate its window each time, which takes ten times as long as decoding.
  const decoder = new DCtx();
  return async (packed, size, where) => {
    const content = Buffer.allocUnsafe(size);
    decoder.reset(ResetDirective.sessionOnly);
    let [length, at] = [0, 0];
    while (length < size) {
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
    return gunzipSync(packed, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}

function decoded<Result>(where: string, decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClairError('bytes/corrupt', `${where}: a part of a file cannot be decoded: ${reason}`, { cause: error });
  }
}

function ofAnotherSize(where: string, length: number, size: number): ClairError {
  return new ClairError('bytes/corrupt', `${where}: a part of a file has ${length} bytes, not ${size}`);
}

/** Returns bytes as a stream of one chunk. */
export async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
