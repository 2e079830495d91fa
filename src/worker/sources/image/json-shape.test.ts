import fc from 'fast-check';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { ANY, FLAG, hasShape, list, object, optional, orNull, record, SIZE, text } from './json-shape.ts';

const SHAPE = object({
  a: text(2),
  b: optional(SIZE),
  c: optional(orNull(list(object({ d: FLAG, e: optional(ANY) })))),
  f: optional(record(text())),
});

/** The same shape in the schema library. */
const SCHEMA = Type.Object({
  a: Type.String({ maxLength: 2 }),
  b: Type.Optional(Type.Integer({ minimum: 0 })),
  c: Type.Optional(
    Type.Union([Type.Null(), Type.Array(Type.Object({ d: Type.Boolean(), e: Type.Optional(Type.Unknown()) }))]),
  ),
  f: Type.Optional(Type.Record(Type.String(), Type.String())),
});

describe('the shape of a JSON document', () => {
  it('accepts the same documents as the schema library', () => {
    const scalar = fc.oneof(
      fc.constantFrom('', 'ab', 'abc', '𝒜𝒜', '𝒜𝒜𝒜'),
      fc.constantFrom(-1, 0, 1, 0.5, 1e300),
      fc.boolean(),
      fc.constant(null),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), tie('value')),
      ),
    }));
    const mostly = (valid: fc.Arbitrary<unknown>) => fc.oneof({ weight: 5, arbitrary: valid }, value);
    const item = fc.record({ d: mostly(fc.boolean()), e: value }, { requiredKeys: ['d'] });
    const document = fc.record(
      {
        a: mostly(fc.constantFrom('ab', '𝒜𝒜')),
        b: mostly(fc.nat()),
        c: mostly(fc.array(item)),
        f: mostly(fc.dictionary(fc.string({ maxLength: 2 }), fc.string())),
        g: value,
      },
      { requiredKeys: ['a'] },
    );
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: document }, value), (of) => {
        const isValid = hasShape(SHAPE, of);
        seen[isValid ? 'valid' : 'invalid'] += 1;
        expect(isValid).toBe(Value.Check(SCHEMA, of));
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(100);
  });

  it.each<[unknown, string]>([
    [[], 'top level must be an object'],
    [{}, 'top level must be an object with the key "a"'],
    [{ a: 1 }, '/a must be a string'],
    [{ a: 'abc' }, '/a must be a string of at most 2 characters'],
    [{ a: '', b: -1 }, '/b must be an integer from 0'],
    [{ a: '', c: {} }, '/c must be a list'],
    [{ a: '', c: [{ d: true }, { d: 0 }] }, '/c/1/d must be true or false'],
    [{ a: '', f: { 'x/y~z': null } }, '/f/x~1y~0z must be a string'],
  ])('describes the fault of %j', (value, expected) => {
    expect(SHAPE.fault(value, '')).toBe(expected);
  });
});
