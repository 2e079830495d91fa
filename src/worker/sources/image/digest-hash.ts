import { createHash } from 'node:crypto';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { algorithmOf, type Digest } from '../../../model/digest.ts';

/** Computes the digest of bytes. */
export type DigestHash = {
  readonly update: (bytes: Uint8Array) => void;
  /** Ends the computation; called once. */
  readonly digest: () => Digest;
};

/**
 * Starts a digest with the algorithm of the expected digest, so that both can be compared. Without an expected digest,
 * the algorithm is SHA-256.
 */
export function digestHash(promised?: Digest): DigestHash {
  const algorithm = promised === undefined ? 'sha256' : algorithmOf(promised);
  const hash = createHash(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => `${algorithm}:${hash.digest('hex')}`,
  };
}

/**
 * Passes the chunks of a stream on, and adds them to `hash` first.
 *
 * @param isHashed returns whether a chunk is added to `hash`
 */
export async function* hashed(
  stream: ByteStream,
  hash: DigestHash,
  isHashed: () => boolean = () => true,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (isHashed()) hash.update(chunk);
    yield chunk;
  }
}
