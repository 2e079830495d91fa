import * as fc from 'fast-check';
import { NUMBERS, versionsFrom, words } from './random-versions.ts';

type Elements = {
  readonly epoch: bigint;
  readonly release: readonly bigint[];
  /**
   * The word (a, b or rc) and the number of the pre-release; without a pre-release, a string that sorts before or after
   * the words.
   */
  readonly pre: readonly [string, bigint];
  /** The number of the post-release; -1 without a post-release. */
  readonly post: bigint;
  readonly dev: bigint | undefined;
  readonly local: readonly string[] | undefined;
};

/**
 * Compares versions element by element and without keys, by the rules of PEP 440 ("Summary of permitted suffixes and
 * relative ordering").
 */
export function compareByPep440(a: string, b: string): number {
  const [one, other] = [elementsOf(a), elementsOf(b)];
  return (
    compare(one.epoch, other.epoch) ||
    compareReleases(one.release, other.release) ||
    compare(one.pre[0], other.pre[0]) ||
    compare(one.pre[1], other.pre[1]) ||
    compare(one.post, other.post) ||
    Number(one.dev === undefined) - Number(other.dev === undefined) ||
    compare(one.dev ?? 0n, other.dev ?? 0n) ||
    Number(one.local !== undefined) - Number(other.local !== undefined) ||
    compareLocals(one.local ?? [], other.local ?? [])
  );
}

/** Reads the elements of a version from left to right, each by a separate pattern. */
function elementsOf(version: string): Elements {
  const [main = '', local] = version.trim().toLowerCase().replace(/^v/, '').split('+');
  const [, epoch = '0', afterEpoch = ''] = /^(?:(\d+)!)?(.*)$/.exec(main) ?? [];
  const [, release = '', afterRelease = ''] = /^(\d+(?:\.\d+)*)(.*)$/.exec(afterEpoch) ?? [];
  const [pre, preNumber, afterPre] = wordWithNumber(afterRelease, 'alpha|a|beta|b|preview|pre|c|rc');
  const bare = /^-(\d+)(.*)$/.exec(afterPre);
  const [post, postNumber, afterPost] = bare ? ['post', bare[1]!, bare[2]!] : wordWithNumber(afterPre, 'post|rev|r');
  const [dev, devNumber] = wordWithNumber(afterPost, 'dev');
  const letter = { '': '~', alpha: 'a', beta: 'b', preview: 'rc', pre: 'rc', c: 'rc' }[pre] ?? pre;
  return {
    epoch: BigInt(epoch),
    release: release.split('.').map(BigInt),
    pre: [pre === '' && post === '' && dev !== '' ? ' ' : letter, BigInt(preNumber)],
    post: post === '' ? -1n : BigInt(postNumber),
    dev: dev === '' ? undefined : BigInt(devNumber),
    local: local?.split(/[-_.]/),
  };
}

function wordWithNumber(text: string, among: string): [word: string, digits: string, rest: string] {
  const [, word = '', digits = '', rest = ''] = new RegExp(`^[-_.]?(${among})[-_.]?(\\d*)(.*)$`).exec(text) ?? [];
  return word === '' ? ['', '0', text] : [word, digits, rest];
}

function compareReleases(one: readonly bigint[], other: readonly bigint[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const difference = compare(one[at] ?? 0n, other[at] ?? 0n);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareLocals(one: readonly string[], other: readonly string[]): number {
  for (const [at, part] of one.entries()) {
    const otherPart = other[at];
    if (otherPart === undefined) return 1;
    const [isNumber, isOtherNumber] = [/^\d+$/.test(part), /^\d+$/.test(otherPart)];
    const difference =
      Number(isNumber) - Number(isOtherNumber) ||
      (isNumber ? compare(BigInt(part), BigInt(otherPart)) : compare(part, otherPart));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  return a < b ? -1 : Number(a > b);
}

/** Texts for random versions and for small changes. */
export const PEP440_PIECES: readonly string[] = [
  ...NUMBERS,
  ...words('. . . . - _ .0 .0 .1 .0.0 v 1! ! x final'),
  ...words('a b c rc pre preview alpha beta A RC a1 b2 rc1 -rc.1 .a0'),
  ...words('post rev r .post .post1 .post.2 -1 -0 dev .dev .dev0 .dev1 dev2'),
  ...words('+ +1 +abc +abc.5 +ubuntu-1 +a_1 +0.a +0a +cu118'),
];

/** Generates versions from a small set of elements, so that many versions are similar. Some versions are invalid. */
export function pep440Versions(): fc.Arbitrary<string> {
  const number = fc.constantFrom(...NUMBERS);
  const optional = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), text);
  const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((texts) => texts.join(''));
  const suffix = (...names: string[]): fc.Arbitrary<string> =>
    optional(joined(fc.constantFrom('', '.', '-', '_'), fc.constantFrom(...names), optional(number)));
  const valid = joined(
    fc.constantFrom('', '', 'v', '0!', '1!', '10!'),
    fc.array(number, { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join('.')),
    suffix('a', 'alpha', 'b', 'beta', 'c', 'rc', 'RC', 'pre', 'preview'),
    fc.oneof(suffix('post', 'rev', 'r'), fc.constantFrom('-0', '-1', '-10')),
    suffix('dev', 'DEV'),
    optional(fc.constantFrom('+a', '+A', '+ab', '+0', '+00', '+10', '+a.0', '+a-0', '+a.b', '+1.a', '+0a')),
  );
  const starts = words('0 1 1.0 2.0.0 10 1! v1 V1.0 1.0.1 0.0');
  return fc.oneof(valid, versionsFrom(starts, PEP440_PIECES));
}
