import { createHash } from 'node:crypto';

/** Returns a fingerprint of texts: 128 bits of their SHA-256 in hexadecimal. */
export function fingerprintOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Returns the UUID of a document, derived from its content (RFC 9562, version 8). */
export function uuidOf(content: Iterable<string> & object): string {
  const hash = createHash('sha256');
  for (const piece of content) hash.update(piece);
  const hex = hash.digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}
