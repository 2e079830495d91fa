import * as fc from 'fast-check';
import { expect } from 'vitest';
import { ClairError } from '../../src/errors.ts';
import type { VersionScheme } from '../../src/versions/scheme.ts';

export type Pair = readonly [string, string];

const RANDOM_REAL_PAIRS = 20_000;

/**
 * Generates two accepted versions: a version from `version`, and either another version or, mostly, the first version
 * with one to three changes at random places, so that the first difference can be anywhere.
 */
export function hostilePair(
  scheme: VersionScheme,
  version: fc.Arbitrary<string>,
  pieces: readonly string[],
): fc.Arbitrary<Pair> {
  const change = fc.record({ place: fc.nat(60), cut: fc.nat(2), insertion: fc.constantFrom('', '', ...pieces) });
  const changed = fc
    .tuple(version, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([original, changes]): Pair => {
      return [
        original,
        changes.reduce((text, { place, cut, insertion }) => splice(text, place, cut, insertion), original),
      ];
    });
  return fc
    .oneof({ weight: 1, arbitrary: fc.tuple(version, version) }, { weight: 4, arbitrary: changed })
    .filter((pair) => pair.every((text) => isAccepted(scheme, text)));
}

/** Generates up to six pieces in a row. */
export function textOf(pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''));
}

/**
 * Sorts the versions by key and pairs each version with the next version. If the package manager's order is transitive,
 * these pairs prove the whole order. Adds random pairs, in case the order is not transitive.
 */
export function realPairs(scheme: VersionScheme, versions: readonly string[], seed: number): Pair[] {
  const sorted = [...new Set(versions)]
    .map((version) => ({ version, key: scheme.key(version) }))
    .toSorted((a, b) => Buffer.compare(a.key, b.key))
    .map(({ version }) => version);
  expect(sorted.length, 'there are versions at all').toBeGreaterThan(0);
  console.info(`${scheme.id}-order: ${sorted.length} real versions`);

  const any = fc.constantFrom(...sorted);
  return [
    ...sorted.slice(1).map((version, at): Pair => [sorted[at]!, version]),
    ...fc.sample(fc.tuple(any, any), { seed, numRuns: RANDOM_REAL_PAIRS }),
  ];
}

/** Returns the pairs whose keys do not compare as `order` (-1, 0 or 1 for each). */
export function disagreements(scheme: VersionScheme, pairs: readonly Pair[], order: readonly string[]): string[] {
  expect(order).toHaveLength(pairs.length);
  return pairs.flatMap(([a, b], at) => {
    const ours = String(Buffer.compare(scheme.key(a), scheme.key(b)));
    return ours === order[at] ? [] : [`${a} and ${b}: key says ${ours}, the package manager ${order[at]}`];
  });
}

export function isAccepted(scheme: VersionScheme, text: string): boolean {
  try {
    scheme.key(text);
    return true;
  } catch (error) {
    if (error instanceof ClairError) return false;
    throw error;
  }
}

/** Returns the first group of each match of `pattern`. */
export function captures(from: string, pattern: RegExp): string[] {
  return Array.from(from.matchAll(pattern), ([, captured]) => captured ?? '');
}

function splice(text: string, place: number, cut: number, insertion: string): string {
  const at = place % (text.length + 1);
  return text.slice(0, at) + insertion + text.slice(at + cut);
}
