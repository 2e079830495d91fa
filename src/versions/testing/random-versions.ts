import * as fc from 'fast-check';

/**
 * Zeros, small numbers, numbers with leading zeros, numbers at the limits of 64-bit integers and of exact
 * floating-point numbers, and a date.
 */
export const NUMBERS: readonly string[] = words(
  '0 0 0 00 1 1 2 9 01 10 99 100 20240101 9007199254740993 9223372036854775807 9223372036854775808',
);

/**
 * Generates versions that consist of a text of `starts` and up to four texts of `pieces`. Many of the versions are
 * invalid.
 */
export function versionsFrom(starts: readonly string[], pieces: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...starts), fc.array(fc.constantFrom(...pieces), { maxLength: 4 }))
    .map(([start, rest]) => start + rest.join(''));
}

/** Splits a text at each space. */
export function words(text: string): readonly string[] {
  return text.split(' ');
}
