import { createHash, type Hash } from 'node:crypto';
import { decodeZstd } from '../../bytes/compression-decoders.ts';
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

/** Runs a decoder of zstd. @throws ClairError `bytes/corrupt` for each of its errors */
export function decoded<Result>(where: string, decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClairError('bytes/corrupt', `${where}: a part of a file cannot be decoded: ${reason}`, { cause: error });
  }
}

/** Returns the error of a chunk that is shorter or longer than its stated size. */
export function ofAnotherSize(where: string, length: number, size: number): ClairError {
  return new ClairError('bytes/corrupt', `${where}: a part of a file has ${length} bytes, not ${size}`);
}

/** Returns bytes as a stream of one chunk. */
export async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
