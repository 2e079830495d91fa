import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SEVERITIES, severityRank } from '../../../model/severity.ts';
import { decodeNames, encodeNames, flagsOf, hasAnyName, type NameNumbers, withFlags } from './name-set.ts';

const sets = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 ** 26 - 1 }), fc.nat(63))).map((each) => new Map(each));

it('a set of names survives a round trip', () => {
  fc.assert(
    fc.property(sets, (set) => {
      expect(new Map(decodeNames(encodeNames(set)))).toEqual(set);
    }),
  );
  expect(() => encodeNames(new Map([[2 ** 26, 0]]))).toThrow('exceeds the maximum');
});

it('a set has one of some names exactly if both have a name in common', () => {
  const few = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 40 });
  fc.assert(
    fc.property(few, few, (names, asked) => {
      const bytes = encodeNames(new Map(names.map((id) => [id, 63])));
      expect(hasAnyName(bytes, new Set(asked))).toBe(asked.some((id) => names.includes(id)));
    }),
  );
});

it('a name adds and subtracts the same numbers', () => {
  const none: NameNumbers = { images: 0, ids: 0, exploited: 0, ranks: SEVERITIES.map(() => 0) };
  const flags = fc.record({
    isOpen: fc.boolean(),
    isId: fc.boolean(),
    isExploited: fc.boolean(),
    severity: fc.constantFrom(...SEVERITIES),
  });
  fc.assert(
    fc.property(flags, (of) => {
      const added = withFlags(none, flagsOf(of), 1);
      const ranks = SEVERITIES.map((_, rank) => (of.isOpen && rank === severityRank(of.severity) ? 1 : 0));
      const [ids, exploited] = [of.isOpen && of.isId ? 1 : 0, of.isOpen && of.isExploited ? 1 : 0];
      expect(added).toEqual({ images: of.isOpen ? 1 : 0, ids, exploited, ranks });
      expect(withFlags(added, flagsOf(of), -1)).toEqual(none);
    }),
  );
});
