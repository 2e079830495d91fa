import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChunkList } from './chunk-list.ts';

it('the chunks of a file are complete in order, copied or not', () => {
  const lengths = fc.array(fc.tuple(fc.nat({ max: 300_000 }), fc.nat({ max: 2_000_000 })), { maxLength: 12 });
  fc.assert(
    fc.property(lengths, (sizes) => {
      const slices = sizes.map(([length, unused], index) =>
        Buffer.alloc(length + unused, index + 1).subarray(0, length),
      );
      const ofUnknownSize = new ChunkList();
      for (const slice of slices) ofUnknownSize.add(slice);
      const file = Buffer.concat(slices);
      const ofKnownSize = new ChunkList(file.length);
      for (const slice of slices) ofKnownSize.add(slice);
      expect(ofKnownSize.missing).toBe(0);
      expect(ofKnownSize.end().whole().equals(file)).toBe(true);
      expect(ofUnknownSize.end().whole().equals(file)).toBe(true);
    }),
    { numRuns: 15 },
  );
});
