import { objectOf, textOf } from '../../model/json-values.ts';
import { algorithmOf, type Digest, isDigest } from '../../model/digest.ts';

/** Returns the digests in strings, such as package URLs, image references and versions. */
export function digestsIn(texts: readonly string[]): readonly Digest[] {
  // In a package URL, the colon is encoded.
  const found = texts.flatMap((text) => [
    ...text.slice(0, MAX_TEXT).matchAll(/(sha256|sha512)(?::|%3A)([0-9a-f]{64,128})(?![0-9a-f])/gi),
  ]);
  const digests = found.map(([, algorithm = '', hex = '']) => `${algorithm}:${hex}`.toLowerCase());
  return [...new Set(digests)].filter((digest) => isDigest(digest));
}

/** The maximum number of characters of a string that are searched for digests. */
const MAX_TEXT = 4096;

/**
 * Returns the digest of a hexadecimal value; none for any other string or algorithm.
 *
 * @param algorithm as documents name it: `SHA-256`, `SHA256`, `sha256`
 */
export function digestsOfHex(hex: string, algorithm: string): readonly Digest[] {
  const [, bits = ''] = /^sha-?(256|512)$/i.exec(algorithm) ?? [];
  const digest = `sha${bits}:${hex.trim().toLowerCase()}`;
  return isDigest(digest) ? [digest] : [];
}

/** Returns the digests in a digest set of in-toto, `{"sha256": "…"}`. */
export function statedDigests(set: unknown): readonly Digest[] {
  const { sha256, sha512 } = objectOf(set);
  return [...digestsOfHex(textOf(sha256), 'sha256'), ...digestsOfHex(textOf(sha512), 'sha512')];
}

/**
 * Returns the subjects that can be compared with the digests of an image: a document may also state the digest of the
 * image by another algorithm.
 */
export function comparableSubjects(subjects: readonly Digest[], digests: readonly Digest[]): readonly Digest[] {
  return subjects.filter((subject) => digests.some((digest) => algorithmOf(digest) === algorithmOf(subject)));
}

/**
 * Returns why a document does not describe an image, in words; undefined if it describes the image.
 *
 * @param subjects the digests of the images that the document names
 * @param image the digest of the image
 */
export function subjectDifference(subjects: readonly Digest[], image: Digest): string | undefined {
  const [first, ...others] = comparableSubjects(subjects, [image]);
  if (subjects.includes(image)) return undefined;
  if (first === undefined) return `the document names no image, so it may describe another image than ${image}`;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `the document describes ${first}${more}, not ${image}`;
}
