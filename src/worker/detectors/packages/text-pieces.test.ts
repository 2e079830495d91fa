import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textPieces } from './text-pieces.ts';

it('splits text into pieces that end at line ends', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é', '\u{1F600}', '\uFEFF') });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (whole, size) => {
      const bytes = Buffer.from(whole);
      const pieces = [...textPieces(bytes, size)];
      expect(pieces.join('')).toBe(new TextDecoder().decode(bytes));
      expect(pieces.slice(0, -1).every((piece) => piece.endsWith('\n'))).toBe(true);
    }),
  );
});
