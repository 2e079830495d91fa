import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { adler32 } from './adler32.ts';

it.each<[string, Uint8Array, number]>([
  ['nothing', new Uint8Array(0), 1],
  ['a word', Buffer.from('Wikipedia'), 0x11e6_0398],
  ['a megabyte of the highest bytes', Buffer.alloc(1 << 20, 0xff), 0x8e88_ef11],
])('returns the checksum of %s', (_, bytes, expected) => {
  expect(adler32(bytes)).toBe(expected);
});

it('matches the checksum that zlib appends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
      expect(adler32(bytes)).toBe(deflateSync(bytes).subarray(-4).readUInt32BE());
    }),
  );
});
