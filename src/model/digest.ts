/** A content digest as the OCI image specification writes it (image-spec, descriptor.md#digests); SHA-256 only. */
export type Digest = `sha256:${string}`;

const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

/** Tells whether `text` is a SHA-256 digest in its canonical, lower-case form. */
export function isDigest(text: string): text is Digest {
  return DIGEST_PATTERN.test(text);
}

/** Writes 64 hexadecimal digits as a digest. */
export function digestOfHex(hex: string): Digest {
  return `sha256:${hex}`;
}
