import type * as fc from 'fast-check';
import { NUMBERS, versionsFrom, words } from './random-versions.ts';

/**
 * Compares two versions item by item and without keys. The comparison depends first on whether the rest of each list is
 * below, at or above the release, and then on `compareTo()` of Maven's ComparableVersion.
 */
export function compareByMaven(a: string, b: string): number {
  return compareLists(treeOf(a), treeOf(b));
}

type Tree = readonly (bigint | string | Tree)[];

function compareLists(one: Tree, other: Tree): number {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const difference = sideOf(one.slice(at)) - sideOf(other.slice(at)) || compareItems(one[at], other[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Returns whether a list is below (-1), at (0) or above (1) the release. The first item that is not a null value
 * determines the result.
 */
function sideOf(tree: Tree): number {
  const sides = tree.map((item) => {
    if (typeof item === 'bigint') return item === 0n ? 0 : 1;
    return typeof item === 'string' ? Math.sign(rankOf(item) - RELEASE) : sideOf(item);
  });
  return sides.find((side) => side !== 0) ?? 0;
}

/**
 * Compares two items. An absent item equals the other item, because the caller has already compared the lists with the
 * release.
 */
function compareItems(one: Tree[number] | undefined, other: Tree[number] | undefined): number {
  if (one === undefined || other === undefined) return 0;
  const kinds = kindOf(one) - kindOf(other);
  if (kinds !== 0) return kinds;
  if (typeof one === 'bigint') return Math.sign(Number(one - (other as bigint)));
  if (typeof one !== 'string') return compareLists(one, other as Tree);
  const ranks = rankOf(one) - rankOf(other as string);
  return ranks !== 0 || rankOf(one) <= RELEASE + 1
    ? ranks
    : Number(one > (other as string)) - Number(one < (other as string));
}

function kindOf(item: Tree[number]): number {
  return typeof item === 'string' ? 0 : typeof item === 'bigint' ? 2 : 1;
}

const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const RELEASE = QUALIFIERS.indexOf('');

function rankOf(word: string): number {
  const rank = QUALIFIERS.indexOf(word);
  return rank === -1 ? QUALIFIERS.length : rank;
}

/** Reads a version into nested lists character by character, as Maven does. */
function treeOf(version: string): Tree {
  const text = version.toLowerCase();
  const root: (bigint | string | Tree)[] = [];
  const stack = [root];
  let start = 0;
  let isDigits = false;
  const open = (): void => {
    const list: (bigint | string | Tree)[] = [];
    stack.at(-1)?.push(list);
    stack.push(list);
  };
  const add = (end: number, isBeforeDigit = false): void => {
    const item = text.slice(start, end);
    stack.at(-1)?.push(isDigits ? BigInt(item) : wordOf(item, isBeforeDigit));
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '.' || character === '-') {
      if (at === start) stack.at(-1)?.push(0n);
      else add(at);
      start = at + 1;
      if (character === '-') open();
      continue;
    }
    const isDigit = /\d/.test(character);
    if (isDigit !== isDigits && at > start) {
      if (isDigit && stack.at(-1)?.length !== 0) open();
      add(at, isDigit);
      start = at;
      open();
    }
    isDigits = isDigit;
  }
  if (start < text.length) {
    if (!isDigits && stack.at(-1)?.length !== 0) open();
    add(text.length);
  }
  for (const list of stack.toReversed()) trim(list);
  return root;
}

function wordOf(word: string, isBeforeDigit: boolean): string {
  const letters: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };
  const aliases: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' };
  const long = isBeforeDigit && Object.hasOwn(letters, word) ? letters[word] : word;
  return Object.hasOwn(aliases, word) ? (aliases[word] ?? '') : (long ?? word);
}

/** Removes null values at the end of a list, and before a list at the end. */
function trim(list: (bigint | string | Tree)[]): void {
  for (let at = list.length - 1; at >= 0; at--) {
    const item = list[at];
    if (item === 0n || item === '' || (Array.isArray(item) && item.length === 0)) list.splice(at, 1);
    else if (!Array.isArray(item)) return;
  }
}

/** Texts for random versions and for small changes. */
export const MAVEN_PIECES: readonly string[] = [
  ...NUMBERS,
  ...words('. . .0 .0 .1 .0.0 - - -0 -1 -1 -- .- -. .. _ +'),
  ...words('a b m a1 b2 m10 alpha beta milestone rc cr snapshot ga final release sp foo x'),
  ...words('-alpha -alpha-1 -beta.2 -M1 .M9 -rc -RC1 .CR2 -SNAPSHOT -1-SNAPSHOT .alpha .sp .sp1 -sp2'),
  ...words('.ga .Final .RELEASE -final -ga -release .Final-redhat-1 -redhat-00001 .SP1-redhat-2'),
  ...words('-jre -android .jre8 -b01 -klm -lmn +build _1 .v20240101 .incubating -incubating.1 alpha.1 .rc.1'),
  ...words('/ : * ${revision}'),
];

/** Generates versions from a small set of elements, so that many versions are similar. Some versions are invalid. */
export function mavenVersions(): fc.Arbitrary<string> {
  return versionsFrom(
    words('0 00 1 1.0 1.0.0 2.0.0 10 1.0.1 0.0 1-0 1.alpha 2.Final foo 1-1 3.12 1.0-beta'),
    MAVEN_PIECES,
  );
}
