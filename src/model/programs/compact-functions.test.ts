import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { reducedHash } from './compact-functions.ts';

const MAX_HASH = 2 ** 53 - 1;

it('a reduced hash is the remainder of the hash', () => {
  const counts = fc.integer({ min: 1, max: 8_000_000 });
  // Rounding is most likely to be wrong next to multiples of the modulus.
  const besideMultiples = fc.tuple(fc.maxSafeNat(), fc.integer({ min: -2, max: 2 }));
  fc.assert(
    fc.property(counts, fc.maxSafeNat(), besideMultiples, (count, hash, [near, distance]) => {
      const modulus = count * 2 ** 20;
      const beside = Math.min(Math.max(near - (near % modulus) + distance, 0), MAX_HASH);
      const wrong = [hash, beside, MAX_HASH].filter((each) => reducedHash(each, count) !== each % modulus);
      expect(wrong).toEqual([]);
    }),
    { numRuns: runCount(10_000, 2000) },
  );
});
