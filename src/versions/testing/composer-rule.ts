import type * as fc from 'fast-check';
import { composerNormalForm } from '../composer/normal-form.ts';
import { NUMBERS, versionsFrom, words } from './random-versions.ts';

/** Compares the normal forms of two versions part by part and without keys, as version_compare() of PHP does. */
export function compareByPhp(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [part, otherPart] = [one[at] ?? '', other[at] ?? ''];
    const difference =
      rank(part) - rank(otherPart) || (/^\d/.test(part) ? Number(phpNumber(part) - phpNumber(otherPart)) : 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

function partsOf(version: string): string[] {
  return composerNormalForm(version).match(/\d+|[a-z]+/gi) ?? [];
}

function phpNumber(digits: string): bigint {
  const [number, highest] = [BigInt(digits), 2n ** 63n - 1n];
  return number > highest ? highest : number;
}

function rank(part: string): number {
  const ranks = [/^stable/, /^dev/, /^alpha/, /^beta/, /^RC/, /^$/, /^\d/, /^patch/];
  return ranks.findIndex((pattern) => pattern.test(part));
}

/** Texts for random versions and for small changes. */
export const COMPOSER_PIECES: readonly string[] = [
  ...NUMBERS,
  ...words('. . .0 .0 .1 .0.0 - _ -dev dev .dev -DEV .x .X .* .x-dev x-dev'),
  ...words('a b p pl rc RC Rc alpha beta patch stable Stable STABLE -stable -stable.1'),
  ...words('-alpha -alpha1 -alpha.1 -b2 -beta.2.1 b2.1 -RC1 RC2 -p1 -patch1 pl1 .post1'),
  ...words('+ +build +1.2 @dev @stable @RC -01 -01-02 .01.02 0102 :30 dev- dev-main master'),
];

/** Generates versions from a small set of elements, so that many versions are similar. Some versions are invalid. */
export function composerVersions(): fc.Arbitrary<string> {
  const starts =
    '0 1 1.0 2.0.0 10 v1 V1.0 1.0.0.0 1.2.3.4 0.0 1.x 2.1.x 2010.01.02 20100102 2010-01-02 201001021530 master trunk';
  return versionsFrom(words(starts), COMPOSER_PIECES);
}
