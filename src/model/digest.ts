/**
 * The number of hexadecimal digits by digest algorithm (image-spec, descriptor.md, "Registered algorithms").
 */
const DIGITS = { sha256: 64, sha512: 128 } as const;

export type DigestAlgorithm = keyof typeof DIGITS;

/**
 * A content digest in the format of the OCI image specification (image-spec, descriptor.md#digests). The algorithm is
 * SHA-256 or SHA-512.
 */
export type Digest = `${DigestAlgorithm}:${string}`;

/** The source of a regular expression, without groups, that matches a digest in canonical lower case. */
export const DIGEST_PATTERN: string = `(?:sha256:[0-9a-f]{${DIGITS.sha256}}|sha512:[0-9a-f]{${DIGITS.sha512}})`;

/** The maximum length of a digest, in characters. */
export const MAX_DIGEST: number = 'sha512:'.length + DIGITS.sha512;

const WHOLE_DIGEST = new RegExp(`^${DIGEST_PATTERN}$`);

/** Returns whether `text` is a digest in canonical lower case. */
export function isDigest(text: string): text is Digest {
  return WHOLE_DIGEST.test(text);
}

/** Returns whether `text` is a SHA-256 digest. Clair computes only SHA-256 digests. */
export function isSha256Digest(text: string): text is Digest {
  return isDigest(text) && algorithmOf(text) === 'sha256';
}

/** Returns the hash algorithm of a digest. */
export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** Returns the hexadecimal digits of a digest: 64 for SHA-256, 128 for SHA-512. */
export function hexOfDigest(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** Returns the SHA-256 digest with these 64 hexadecimal digits. */
export function digestOfHex(hex: string): `sha256:${string}` {
  return `sha256:${hex}`;
}
