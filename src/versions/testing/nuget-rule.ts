import type * as fc from 'fast-check';
import { NUMBERS, versionsFrom, words } from './random-versions.ts';

/**
 * Compares two valid versions part by part and without keys, by the rules of NuGet's documentation
 * (learn.microsoft.com/nuget/concepts/package-versioning) and of VersionComparer.
 */
export function compareByNuget(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  for (const [at, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[at] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  if (one.labels.length === 0 || other.labels.length === 0) return Math.sign(other.labels.length - one.labels.length);
  for (let at = 0; at < Math.min(one.labels.length, other.labels.length); at++) {
    const difference = compareLabels(one.labels[at] ?? '', other.labels[at] ?? '');
    if (difference !== 0) return difference;
  }
  return Math.sign(one.labels.length - other.labels.length);
}

type Parts = { readonly numbers: readonly number[]; readonly labels: readonly string[] };

function partsOf(version: string): Parts {
  const [precedence = ''] = version.trim().split('+');
  const [numbers = '', ...labels] = precedence.split('-');
  const given = numbers.split('.').map(Number);
  return {
    numbers: [0, 1, 2, 3].map((at) => given[at] ?? 0),
    labels: labels.length === 0 ? [] : labels.join('-').split('.'),
  };
}

/**
 * Compares labels. A label is a number if `int.TryParse`, which reads a sign and 32-bit numbers, accepts the label.
 * Text is compared in upper case.
 */
function compareLabels(a: string, b: string): number {
  const [one, other] = [intOf(a), intOf(b)];
  if (one !== undefined && other !== undefined) return one < other ? -1 : Number(one > other);
  if (one !== undefined || other !== undefined) return one !== undefined ? -1 : 1;
  return Buffer.compare(Buffer.from(a.toUpperCase()), Buffer.from(b.toUpperCase()));
}

function intOf(label: string): bigint | undefined {
  if (!/^-?[0-9]+$/.test(label)) return undefined;
  const value = BigInt.asIntN(32, label.startsWith('-') ? -BigInt(label.slice(1)) : BigInt(label));
  return value === (label.startsWith('-') ? -BigInt(label.slice(1)) : BigInt(label)) ? value : undefined;
}

/** Texts for random versions and for small changes. */
export const NUGET_PIECES: readonly string[] = [
  ...NUMBERS,
  ...words('. .0 .1 .0.0 - -- -0 -1 .-1 .-0 -01 .. _ +1 +build +b.1 2147483647 2147483648 -2147483648 -2147483649'),
  ...words('-alpha -ALPHA -alpha.1 -beta -Beta.2 -beta.11 -rc -rc.1 -preview.1 -preview3.19128.7 .x .X .a -a-b'),
  ...words('-20230101120000 .20230101120000 .5 .10 a Z z 0a'),
];

/** Generates versions from a small set of elements, so that many versions are similar. Some versions are invalid. */
export function nugetVersions(): fc.Arbitrary<string> {
  const starts = '0 1 1.0 1.0.0 1.0.0.0 1.2.3 1.2.3.4 2.0.0 10 01.02 1.0.0-a 1.0.0-1 1.0.0-rc.1 1.0-beta 2147483647';
  return versionsFrom(words(starts), NUGET_PIECES);
}
