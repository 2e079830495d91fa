import { isDeepStrictEqual } from 'node:util';
import type { Difference, DifferenceKind } from './differences.ts';
import type { JsonValue } from './json-value.ts';

/** Matches the differences that agree with all given fields. */
export type ExpectedDifference = {
  readonly kind: DifferenceKind;
  /** The path of a field; the entry also matches all fields below this path. */
  readonly path: string;
  /** The name of an image; all images when absent. */
  readonly image?: string;
  /** A part of the field's place, such as the name of a package or vulnerability. */
  readonly where?: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  readonly reason: string;
};

/** A difference in the output for an image, and the entry that expects it. */
export type JudgedDifference = Difference & { readonly image: string; readonly expected?: ExpectedDifference };

/** Finds for each difference in an image the first entry that expects it. */
export function judgedDifferences(
  image: string,
  differences: readonly Difference[],
  expected: readonly ExpectedDifference[],
): readonly JudgedDifference[] {
  return differences.map((difference) => {
    const entry = expected.find((each) => isMeant(each, image, difference));
    return { image, ...difference, ...(entry !== undefined && { expected: entry }) };
  });
}

function isMeant(expected: ExpectedDifference, image: string, { kind, path, where, ...values }: Difference): boolean {
  return (
    kind === expected.kind &&
    (path === expected.path || path.startsWith(`${expected.path}.`)) &&
    (expected.image === undefined || expected.image === image) &&
    (expected.where === undefined || where.includes(expected.where)) &&
    (expected.before === undefined || isDeepStrictEqual(expected.before, values.before)) &&
    (expected.after === undefined || isDeepStrictEqual(expected.after, values.after))
  );
}
