import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceOf, updateIdOf } from './operation-references.ts';

const update = fc.record({ id: fc.integer({ min: 0, max: 2 ** 48 - 1 }), feed: fc.string(), at: fc.nat() });

describe('the reference of an update', () => {
  it('is a UUID with the id, and the same on all instances', () => {
    fc.assert(
      fc.property(update, (of) => {
        const reference = referenceOf(of);
        expect(reference).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect([updateIdOf(reference), updateIdOf(reference.toUpperCase())]).toEqual([of.id, of.id]);
        expect(referenceOf({ ...of })).toBe(reference);
      }),
    );
  });

  it('differs for another feed, time or id', () => {
    const of = { id: 7, feed: 'debian', at: 1000 };
    const others = [
      { ...of, id: 8 },
      { ...of, feed: 'ubuntu' },
      { ...of, at: 1001 },
    ];
    expect(new Set([of, ...others].map(referenceOf)).size).toBe(4);
  });
});
