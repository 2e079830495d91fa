import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { ByteReader, ByteWriter } from './byte-fields.ts';

it('ascending numbers are read as they were written', () => {
  const number = fc.oneof(fc.nat(40), fc.nat(5_000_000));
  // The numbers are written in steps of 1,024.
  const long = fc.array(number, { minLength: 1, maxLength: 20 }).map((few) => Array<number[]>(160).fill(few).flat());
  const numbers = fc.oneof(
    { arbitrary: fc.array(number, { maxLength: 60 }), weight: 19 },
    { arbitrary: long, weight: 1 },
  );
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 20 }), (differences, lowerBits) => {
      const writer = new ByteWriter();
      writer.byte(7);
      let sum = 0;
      const rising = differences.map((difference) => (sum += Math.min(difference, 50 * 2 ** lowerBits)));
      writer.rising(Float64Array.from(rising), lowerBits);
      const reader = new ByteReader(writer.end());
      expect(reader.byte()).toBe(7);
      let before = 0;
      const read = rising.map(() => (before += reader.rice(lowerBits)));
      expect(read).toEqual(rising);
      expect(() => reader.byte()).toThrow('truncated');
    }),
    { numRuns: runCount(1000, 250) },
  );
});
