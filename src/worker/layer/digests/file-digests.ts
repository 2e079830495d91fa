import type { Digest } from '../../../model/digest.ts';

/** The digests of a layer's files, with {@link DIGEST_CHARACTERS} characters per member. A million files take 16 MB. */
export type FileDigests = {
  /** The digests in the order of `LayerContents.entries`. */
  readonly entries: string;
  /** The digests in the order of the paths of `LayerContents.others`. */
  readonly others: string;
};

/**
 * The first 96 bits of a SHA-256 as base64. Creating another file with the same first 96 bits is infeasible, so equal
 * digests mean equal files.
 */
export const DIGEST_BYTES = 12;

export const DIGEST_CHARACTERS = 16;

/** The digest of a member that is not a file. No known file has a digest of only zeros. */
export const NO_FILE: string = 'A'.repeat(DIGEST_CHARACTERS);

/** The digest of a file that was not hashed, such as a sparse file, or a hard link to a file of a layer below. */
export const NOT_HASHED: string = '/'.repeat(DIGEST_CHARACTERS);

/** Shortens a digest to the form in {@link FileDigests}. */
export function shortDigest(digest: Digest): string {
  return digestText(Buffer.from(digest.slice(digest.indexOf(':') + 1), 'hex'));
}

/** Returns the digest at an index of {@link FileDigests}, in encoded form. */
export function digestAt(digests: string, index: number): string {
  const start = index * DIGEST_CHARACTERS;
  return digests.slice(start, start + DIGEST_CHARACTERS);
}

/** Encodes a SHA-256 in the form in {@link FileDigests}. */
export function digestText(sha256: Buffer): string {
  return sha256.toString('base64', 0, DIGEST_BYTES);
}
