/**
 * The maximum size of a stored name, version or path, in bytes of UTF-8. A PostgreSQL index row has at most 2,704 bytes
 * (a third of a page), and a path inside an archive in the image can be twice as long. Real texts are shorter than 300
 * bytes.
 */
export const MAX_INDEXED_BYTES = 1024;

/** Returns whether every database engine can index a text. */
export function isIndexable(text: string): boolean {
  // UTF-8 has at most 3 bytes for each UTF-16 code unit.
  return text.length * 3 <= MAX_INDEXED_BYTES || Buffer.byteLength(text) <= MAX_INDEXED_BYTES;
}
