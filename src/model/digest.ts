/** A content digest in the format of the OCI image specification (image-spec, descriptor.md#digests); SHA-256 only. */
export type Digest = `sha256:${string}`;

const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

/** Reports whether `text` is a SHA-256 digest in canonical lower case. */
export function isDigest(text: string): text is Digest {
  return DIGEST_PATTERN.test(text);
}

/** Formats 64 hexadecimal digits as a digest. */
export function digestOfHex(hex: string): Digest {
  return `sha256:${hex}`;
}
