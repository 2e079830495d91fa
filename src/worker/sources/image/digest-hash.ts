import { createHash } from 'node:crypto';
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
