/**
 * The maximum size of a stored name, version or path, in bytes of UTF-8. A PostgreSQL index row has at most 2,704 bytes
 * (a third of a page), and the path of a file inside an archive can have twice this size. Real texts are shorter than
 * 300 bytes.
 */
export const MAX_INDEXED_BYTES = 1024;

/** Returns whether every database engine can index a text. */
export function isIndexable(text: string): boolean {
  // UTF-8 has at most 3 bytes for each UTF-16 code unit.
  return text.length * 3 <= MAX_INDEXED_BYTES || Buffer.byteLength(text) <= MAX_INDEXED_BYTES;
}
