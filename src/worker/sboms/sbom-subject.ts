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
 * Returns the digest of a hexadecimal value; an empty list for any other string or algorithm.
 *
 * @param algorithm the name of the algorithm in the document: `SHA-256`, `SHA256`, `sha256`
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

/** Whether a document names an image; `unknown` if the document names images only by digests of other algorithms. */
export type SubjectRelation = 'same' | 'other' | 'unknown' | 'unnamed';

/**
 * Compares an image with the digests of the images that a document names. A document may state the digest of an image
 * by several algorithms.
 *
 * @param aliases other digests that tools use for the image, such as the digest of its configuration
 */
export function subjectRelation(
  subjects: readonly Digest[],
  image: Digest,
  aliases: readonly Digest[] = [],
): SubjectRelation {
  if (subjects.length === 0) return 'unnamed';
  if ([image, ...aliases].some((digest) => subjects.includes(digest))) return 'same';
  return comparable(subjects, image).length === 0 ? 'unknown' : 'other';
}

/**
 * Returns the reason why a document is not known to describe an image, for use in a message; undefined if the document
 * names the image.
 *
 * @param subjects the digests of the images that the document names
 * @param image the digest of the image
 */
export function subjectDifference(subjects: readonly Digest[], image: Digest): string | undefined {
  switch (subjectRelation(subjects, image)) {
    case 'same':
      return undefined;
    case 'unnamed':
      return `the document names no image, so it may describe an image other than ${image}`;
    case 'unknown':
      return `the document describes ${listed(subjects)}, which cannot be compared with ${image}, because the digests have different algorithms`;
    case 'other':
      return `the document describes ${listed(comparable(subjects, image))}, not ${image}`;
  }
}

function comparable(subjects: readonly Digest[], image: Digest): readonly Digest[] {
  return subjects.filter((subject) => algorithmOf(subject) === algorithmOf(image));
}

function listed([first, ...others]: readonly Digest[]): string {
  return `${first}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}
