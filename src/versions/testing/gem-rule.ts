import type * as fc from 'fast-check';
import { NUMBERS, versionsFrom, words } from './random-versions.ts';

/** Compares versions segment by segment and without keys, as Gem::Version does. */
export function compareByGem(a: string, b: string): number {
  const [one, other] = [canonicalSegments(a), canonicalSegments(b)];
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [segment, otherSegment] = [one[at] ?? 0n, other[at] ?? 0n];
    if (segment === otherSegment) continue;
    if (typeof segment !== typeof otherSegment) return typeof segment === 'string' ? -1 : 1;
    return segment < otherSegment ? -1 : 1;
  }
  return 0;
}

/**
 * Returns the result of Gem::Version#canonical_segments. Uses the regular expressions of RubyGems, which are slow on long
 * runs of zeros; `gem.ts` uses faster equivalents.
 */
function canonicalSegments(version: string): (bigint | string)[] {
  const text = version
    .trim()
    .replaceAll('-', '.pre.')
    .replace(/(?<=[a-zA-Z.])[.0]+$/, '')
    .replace(/(?<=\.|^)[0.]+(?=[a-zA-Z])/, '');
  return (text.match(/\d+|[a-z]+/gi) ?? []).map((segment) => (/^\d/.test(segment) ? BigInt(segment) : segment));
}

/** Texts for random versions and for small changes. */
export const GEM_PIECES: readonly string[] = [
  ...NUMBERS,
  ...words('. . . . .0 .0 .0 .1 .0.0 .00 - -- -1 -0 -a -rc. -a.0 .. _ +1'),
  ...words('a b A B Z a0 a1 a10 0a 00a 0.a .a .b .Z .a0 .0a .00a0 .0.a'),
  ...words('.pre .pre.1 pre rc .rc1 .rc.0 RC beta .beta .beta2 alpha -java -x86_64-linux'),
];

/** Generates versions from a small set of elements, so that many versions are similar. Some versions are invalid. */
export function gemVersions(): fc.Arbitrary<string> {
  return versionsFrom(words('0 00 1 1.0 2.0.0 10 1.0.1 0.0 1.0.0.0 0.a'), GEM_PIECES);
}
