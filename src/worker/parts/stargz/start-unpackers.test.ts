import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compress } from 'zstd-napi';
import { noise } from '../../../bytes/testing/noise.ts';
import type { UnpackStart } from '../packed-document.ts';
import { skippable } from '../testing/zstd-chunked.ts';
import { frameStartUnpacker, gzipStartUnpacker } from './start-unpackers.ts';

const CONTENT = noise(300_000);

describe.each<[string, UnpackStart, (bytes: Buffer) => Buffer]>([
  ['gzip members', gzipStartUnpacker(), (bytes) => gzipSync(bytes)],
  ['zstd frames', await frameStartUnpacker(), compress],
])('the start of %s', (_, unpack, pack) => {
  it.each([
    ['of a whole member', pack(CONTENT), CONTENT.length],
    ['of a member with a long rest', pack(CONTENT), 1000],
    ['of several members', Buffer.concat([pack(CONTENT.subarray(0, 10)), pack(CONTENT.subarray(10))]), 2000],
    ['after empty members', Buffer.concat([...Array.from({ length: 500 }, () => pack(Buffer.of())), pack(CONTENT)]), 9],
    ['before another member', Buffer.concat([pack(CONTENT), pack(Buffer.from('other'))]), CONTENT.length],
  ])('is returned %s', async (_case, packed, size) => {
    expect((await unpack(packed, size, 'layer')).equals(CONTENT.subarray(0, size))).toBe(true);
  });

  it('must not be shorter than stated', async () => {
    await expect(unpack(pack(CONTENT), CONTENT.length + 1, 'layer')).rejects.toMatchObject({ code: 'bytes/corrupt' });
    // The next part is decompressed nevertheless.
    expect(await unpack(pack(CONTENT), CONTENT.length, 'layer')).toHaveLength(CONTENT.length);
  });
});

it.each([
  ['empty', skippable(Buffer.of())],
  ['tiny', compress(Buffer.from('x'))],
])('millions of %s frames are not decompressed', async (_, frame) => {
  const unpack = await frameStartUnpacker();
  const packed = Buffer.concat(Array.from({ length: 1_000_000 }, () => frame));
  await expect(unpack(packed, 900_000, 'layer')).rejects.toMatchObject({
    code: 'bytes/limit-exceeded',
    message: 'layer: a part of a file has more than 1000 frames',
  });
});
