/** Returns the SHA-256 digests in strings, such as package URLs, image references and versions. */
export function digestsIn(texts: readonly string[]): readonly string[] {
  // In a package URL, the colon is encoded.
  const found = texts.flatMap((text) => [
    ...text.slice(0, MAX_TEXT).matchAll(/sha256(?::|%3A)([0-9a-f]{64})(?![0-9a-f])/gi),
  ]);
  return [...new Set(found.map(([, hex = '']) => `sha256:${hex.toLowerCase()}`))];
}

/** The number of characters of a string that are searched for digests. */
const MAX_TEXT = 4096;

/** Returns the digest of a hexadecimal SHA-256 value; none for any other string. */
export function digestsOfHex(hex: string): readonly string[] {
  return digestsIn([`sha256:${hex.trim()}`]);
}

/**
 * Returns why a document does not describe an image, in words; undefined if it describes the image.
 *
 * @param subjects the digests of the images that the document names
 * @param image the digest of the image
 */
export function subjectDifference(subjects: readonly string[], image: string): string | undefined {
  if (subjects.includes(image)) return undefined;
  const [first, ...others] = subjects;
  if (first === undefined) return `the document names no image, so it may describe another image than ${image}`;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `the document describes ${first}${more}, not ${image}`;
}
