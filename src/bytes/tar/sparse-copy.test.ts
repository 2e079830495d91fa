import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteRange } from '../byte-range.ts';
import type { UnneededParts } from './entry.ts';
import { SparseCopy } from './sparse-copy.ts';

/**
 * The file contains only the bytes 1 to 200, which differ from the zeros of unneeded parts and from the 255 of unused
 * memory.
 */
const FILE = Buffer.from(Array.from({ length: 5000 }, (_, at) => 1 + (at % 200)));

describe('a copy without unneeded parts', () => {
  const ranges = fc
    .uniqueArray(fc.integer({ min: 0, max: FILE.length }), { maxLength: 8 })
    .map((borders) => borders.toSorted((a, b) => a - b))
    .map((borders) =>
      borders.flatMap((start, index): readonly ByteRange[] => {
        const end = borders[index + 1];
        return index % 2 === 0 && end !== undefined ? [{ start, end }] : [];
      }),
    );

  it('has zeros in these parts, whatever the sizes in which the bytes arrive or are left out', () => {
    fc.assert(
      fc.property(
        ranges,
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 300, max: 3000 }),
        fc.integer({ min: 0, max: 700 }),
        (unneeded, startBytes, size, maxLeap) => {
          const copy = copyOf({ startBytes, size, maxLeap }, (bytes, at) => {
            expect(bytes.equals(FILE.subarray(at, at + bytes.length))).toBe(true);
            return unneeded.filter(({ start, end }) => start < at + bytes.length && end > at);
          });
          const expected = Buffer.from(FILE);
          // The copy always contains the first bytes, because they arrive before the parts are known.
          for (const { start, end } of unneeded)
            expected.fill(0, Math.max(start, startBytes), Math.max(end, startBytes));
          expect(copy.content().whole().equals(expected)).toBe(true);
          expect(unneeded.every(({ start, end }) => isUntouched(copy, Math.max(start, startBytes), end))).toBe(true);
        },
      ),
    );
  });

  it('is the whole file if all parts are needed', () => {
    expect(copyOf({ startBytes: 8, size: 700, maxLeap: 0 }).content().whole()).toEqual(FILE);
  });

  type Arrival = { readonly startBytes: number; readonly size: number; readonly maxLeap: number };

  /** Leaves out unneeded bytes in leaps; with `maxLeap` 0, all bytes arrive. */
  function copyOf({ startBytes, size, maxLeap }: Arrival, unneeded?: UnneededParts): SparseCopy {
    const copy = new SparseCopy(Buffer.alloc(FILE.length, 255), FILE.subarray(0, startBytes), unneeded);
    for (let at = startBytes; at < FILE.length; ) {
      const leap = Math.min(copy.unneeded, maxLeap);
      if (leap > 0) copy.leap(leap);
      else copy.add(FILE.subarray(at, at + size));
      at += leap > 0 ? leap : size;
    }
    return copy;
  }

  function isUntouched({ memory }: SparseCopy, start: number, end: number): boolean {
    return start >= end || memory.subarray(start, end).every((byte) => byte === 255);
  }
});
