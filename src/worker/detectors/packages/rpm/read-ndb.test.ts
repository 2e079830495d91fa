import { describe, expect, it } from 'vitest';
import { type ByteOrder, writeUint32 } from './testing/rpm-byte-order.ts';
import { ndbDatabase } from './testing/rpm-ndb.ts';
import type { ErrorCode } from '../../../../errors.ts';
import { isNdb, readNdb } from './read-ndb.ts';

const ORDERS = ['little', 'big'] as const;
const SLOT = 32;
const BLOB = 4096;

describe.each(ORDERS)('%s-endian', (order) => {
  it.each([0, 1, 3, 4, 5, 127, 128, 500])('reads back %i headers', (count) => {
    const headers = Array.from({ length: count }, (_, index) => Buffer.alloc(index, index));
    const bytes = ndbDatabase(headers, order);
    expect(isNdb(bytes)).toBe(true);
    const read = [...readNdb(bytes)].map(({ number, header }) => [number, Buffer.from(header()).toString('hex')]);
    expect(read).toEqual(headers.map((header, index) => [index + 1, header.toString('hex')]));
  });
});

describe('a damaged database', () => {
  const changed = (change: (bytes: Buffer, order: ByteOrder) => void, order: ByteOrder): Buffer => {
    const bytes = ndbDatabase([Buffer.alloc(100, 1), Buffer.alloc(100, 2)], order);
    change(bytes, order);
    return bytes;
  };

  it.each<[string, ErrorCode, (bytes: Buffer, order: ByteOrder) => void, RegExp]>([
    [
      'a version that is not known',
      'bytes/corrupt',
      (b, o) => writeUint32(b, 4, 1, o),
      /^the database has the unknown version 1$/,
    ],
    ['no slots', 'bytes/corrupt', (b, o) => writeUint32(b, 12, 0, o), /^the database has no slots/],
    ['missing slots', 'bytes/truncated', (b, o) => writeUint32(b, 12, 2, o), /too few for 2 slot pages/],
    ['2^32 pages of slots', 'bytes/truncated', (b, o) => writeUint32(b, 12, 0xffff_ffff, o), /too few for/],
    ['a slot that is wiped out', 'bytes/corrupt', (b) => b.fill(0, SLOT, SLOT + 16), /^slot 2 has no slot marker/],
    ['a slot without a number', 'bytes/corrupt', (b, o) => writeUint32(b, SLOT + 4, 0, o), /^slot 2 points to no blob/],
    ['a slot without blocks', 'bytes/corrupt', (b, o) => writeUint32(b, SLOT + 8, 0, o), /^slot 2 points to no blob/],
    ['a blob in the slots', 'bytes/corrupt', (b, o) => writeUint32(b, SLOT + 8, 255, o), /^slot 2 points to no blob/],
    ['a blob of one block', 'bytes/corrupt', (b, o) => writeUint32(b, SLOT + 12, 1, o), /^slot 2 points to no blob/],
    ['a blob after the end', 'bytes/truncated', (b, o) => writeUint32(b, SLOT + 12, 17, o), /^blob 1 ends at byte/],
    ['blobs in common', 'bytes/corrupt', (b, o) => writeUint32(b, SLOT + 12, 10, o), /^two slots have blocks in/],
  ])('%s is an error', (_, code, change, message) => {
    for (const order of ORDERS) {
      expect(() => [...readNdb(changed(change, order))]).toThrow(refusal(code, message));
    }
  });

  it.each<[string, (bytes: Buffer, order: ByteOrder) => void, RegExp]>([
    ['no start', (b) => b.fill(0, BLOB, BLOB + 4), /^the blob header is invalid/],
    ['another number', (b, o) => writeUint32(b, BLOB + 4, 2, o), /^the blob header is invalid/],
    [
      'another size',
      (b, o) => writeUint32(b, BLOB + 12, 16, o),
      /^the blob of 16 bytes needs 3 blocks, but its slot states 8/,
    ],
    ['another size in as many blocks', (b, o) => writeUint32(b, BLOB + 12, 99, o), /^the blob trailer is invalid/],
    ['no end', (b) => b.fill(0, BLOB + 124, BLOB + 128), /^the blob trailer is invalid/],
    ['other bytes', (b) => b.writeUInt8(9, BLOB + 60), /^the checksum of the blob is wrong/],
    ['another checksum', (b, o) => writeUint32(b, BLOB + 116, 1, o), /^the checksum of the blob is wrong/],
  ])('a blob with %s fails only its entry', (_, change, message) => {
    for (const order of ORDERS) {
      const [first, second] = [...readNdb(changed(change, order))];
      expect(() => first?.header()).toThrow(refusal('bytes/corrupt', message));
      expect(second?.header()).toEqual(Buffer.alloc(100, 2));
    }
  });

  it.each([4, 31, 32, 4095, 4096, 4351])('truncated to %i bytes is an error', (size) => {
    const bytes = ndbDatabase([Buffer.alloc(100, 1), Buffer.alloc(100, 2)]);
    expect(bytes).toHaveLength(4352);
    expect(() => [...readNdb(bytes.subarray(0, size))]).toThrow(refusal('bytes/truncated', /./));
  });
});

it.each(['', 'Rpm', 'SQLite format 3'])('does not accept %j', (text) => {
  expect(isNdb(Buffer.from(text))).toBe(false);
});

function refusal(code: ErrorCode, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}
