import * as fc from 'fast-check';

/** Compares two valid versions by the rules of semver.org §11, identifier by identifier and without keys. */
export function compareBySemver(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  const byNumbers = firstDifference(one.numbers, other.numbers);
  if (byNumbers !== 0) return byNumbers;
  if (one.identifiers.length === 0 || other.identifiers.length === 0) {
    return Math.sign(other.identifiers.length - one.identifiers.length);
  }
  return firstDifference(one.identifiers, other.identifiers);
}

type Parts = { readonly numbers: readonly string[]; readonly identifiers: readonly string[] };

function partsOf(version: string): Parts {
  const precedence = version
    .trim()
    .replace(/^[v=\s]+/, '')
    .replace(/\+.*$/, '');
  const hyphen = precedence.indexOf('-');
  if (hyphen < 0) return { numbers: precedence.split('.'), identifiers: [] };
  return { numbers: precedence.slice(0, hyphen).split('.'), identifiers: precedence.slice(hyphen + 1).split('.') };
}

/** Compares identifiers until two of them differ. An absent identifier is lower than any other. */
function firstDifference(one: readonly string[], other: readonly string[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [a, b] = [one[at], other[at]];
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    const difference = compareIdentifiers(a, b);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  if (!isNumberA) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return BigInt(a) < BigInt(b) ? -1 : Number(BigInt(a) > BigInt(b));
}

/** Texts for small changes that produce a similar version. */
export const SEMVER_PIECES: readonly string[] = [
  ...' 0 1 9 10 . .0 .1 - -0 -1 -rc -rc.1 .a a B -- + +b v ='.split(' '),
  ' ',
];

/** Generates versions from a small set of elements, so that many versions are similar. A few versions are invalid. */
export function semverVersions(): fc.Arbitrary<string> {
  const number = fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom('0', '1', '2', '9', '10', '11', '99', '100', '20240101') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('00', '01', '9007199254740991', '9007199254740992', '18446744073709551616'),
    },
  );
  const identifier = fc.oneof(
    number,
    fc.constantFrom(
      'a',
      'b',
      'A',
      'Z',
      'alpha',
      'beta',
      'rc',
      'rc1',
      'rc10',
      'rc2',
      'x-y',
      '-',
      '--',
      '0a',
      '1-',
      '-1',
      'r',
    ),
  );
  return joined(
    rarely('v', '=', ' ', '= v'),
    number,
    number.map((digits) => `.${digits}`),
    number.map((digits) => `.${digits}`),
    optional(identifiers('-', identifier)),
    fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: identifiers('+', identifier) }),
    rarely(' ', '.1', '.0'),
  );
}

function identifiers(mark: string, identifier: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(identifier, { minLength: 1, maxLength: 3 }).map((texts) => mark + texts.join('.'));
}

/** Generates a text of `texts` in one of ten cases, and otherwise an empty string. */
function rarely(...texts: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(...texts) });
}

function optional(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(fc.constant(''), text);
}

function joined(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((texts) => texts.join(''));
}
