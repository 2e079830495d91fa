import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortedFew } from './sorted-few.ts';

it('returns any number of items in the order of toSorted, and keeps the given list', () => {
  const item = fc.record({ key: fc.nat(5), name: fc.string() });
  const byKey = (one: { key: number }, other: { key: number }): number => one.key - other.key;
  fc.assert(
    fc.property(fc.array(item, { maxLength: 30, size: 'max' }), (items) => {
      const given = [...items];
      expect(sortedFew(items, byKey)).toEqual(items.toSorted(byKey));
      expect(items).toEqual(given);
    }),
  );
});

it('returns ordered items without a copy', () => {
  const items = [1, 2, 2, 3];
  expect(sortedFew(items, (one, other) => one - other)).toBe(items);
});
