import crc32 from 'crc-32';
import { inflateRawSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { zipQuine } from './zip-quine.ts';

it.each(['a', 'r.jar', 'fourteen.chars'])('an archive contains itself under the name %s', (name) => {
  const zip = zipQuine(name);
  const start = 30 + name.length;
  expect(zip.toString('latin1', 30, start)).toBe(name);
  expect(inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(18))).equals(zip)).toBe(true);
  expect([zip.readUInt32LE(22), zip.readUInt32LE(14)]).toEqual([zip.length, crc32.buf(zip) >>> 0]);
});
