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

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
