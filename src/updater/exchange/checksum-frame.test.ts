import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { compress, decompress } from 'zstd-napi';
import { CHECKSUM_FRAME_BYTES, checksumFrame, checksumOfFrame } from './checksum-frame.ts';

const sha256 = createHash('sha256').update('bytes').digest();
const frame = checksumFrame(sha256);

it('has a fixed length and returns its checksum', () => {
  expect(frame).toHaveLength(CHECKSUM_FRAME_BYTES);
  expect(checksumOfFrame(frame)).toEqual(sha256);
});

it('is ignored by a Zstandard decoder', () => {
  expect(decompress(Buffer.concat([compress(Buffer.from('text')), frame])).toString()).toBe('text');
});

it.each([
  ['an empty buffer', Buffer.alloc(0)],
  ['a frame without its first byte', frame.subarray(1)],
  ['a frame with an extra byte', Buffer.concat([frame, Buffer.from([0])])],
  ['a frame of another size', Buffer.from(frame).fill(31, 4, 5)],
  ['a frame with another magic number', Buffer.from(frame).fill(0x5d, 0, 1)],
])('returns no checksum for %s', (_, bytes) => {
  expect(checksumOfFrame(bytes)).toBeUndefined();
});
