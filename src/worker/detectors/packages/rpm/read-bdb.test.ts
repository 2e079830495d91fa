import { describe, expect, it } from 'vitest';
import { bdbDatabase } from './testing/rpm-bdb.ts';
import { type ByteOrder, writeUint16, writeUint32 } from './testing/rpm-byte-order.ts';
import type { ErrorCode } from '../../../../errors.ts';
import { isBdb, readBdb } from './read-bdb.ts';

const ORDERS = ['little', 'big'] as const;
const PAGE = 512;

/** Values that are stored within a page, fill a page exactly, or need a chain of one or more pages. */
const VALUES: readonly Buffer[] = [1, 100, 126, 127, 128, 486, 487, 5000].map((size, index) =>
  Buffer.alloc(size, index),
);

function numbersAndValues(bytes: Uint8Array): readonly (readonly [number, Uint8Array])[] {
  return [...readBdb(bytes)]
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, header }) => [number, Buffer.from(header())]);
}

describe.each(ORDERS)('%s-endian', (order) => {
  it.each([
    ['one bucket', 512, 1, 13],
    ['two buckets', 512, 2, 13],
    ['seven buckets, of which some are empty', 512, 7, 13],
    ['thirty buckets', 4096, 30, 13],
    ['pages of 64 KiB', 65_536, 1, 13],
    ['pages of the older type', 512, 3, 2],
  ])('with %s reads back what was written', (_, pageSize, buckets, pageType) => {
    const bytes = bdbDatabase(VALUES, { order, pageSize, buckets, pageType });
    expect(isBdb(bytes)).toBe(true);
    expect(numbersAndValues(bytes)).toEqual(VALUES.map((value, index) => [index + 1, value]));
  });

  it('follows a bucket of many pages', () => {
    const values = Array.from({ length: 200 }, (_, index) => Buffer.alloc(50, index));
    expect(numbersAndValues(bdbDatabase(values, { order, buckets: 1 }))).toHaveLength(200);
  });

  it('has no entries if it contains only the highest number', () => {
    expect(numbersAndValues(bdbDatabase([], { order }))).toEqual([]);
  });

  it('treats an unused bucket as empty', () => {
    const bytes = bdbDatabase([], { order, buckets: 2 });
    bytes.writeUInt8(0, 2 * PAGE + 25);
    expect(numbersAndValues(bytes)).toEqual([]);
  });
});

describe('a damaged table', () => {
  // Page 0 is the meta page, page 1 is the bucket with entries 0 and 1, and pages 2 and 3 are the chain of entry 1.
  const values = [Buffer.alloc(900, 1)];
  const changed = (change: (bytes: Buffer, order: ByteOrder) => void, order: ByteOrder): Buffer => {
    const bytes = bdbDatabase(values, { order, buckets: 1 });
    change(bytes, order);
    return bytes;
  };

  it.each<[string, (bytes: Buffer, order: ByteOrder) => void, RegExp]>([
    ['a version that is not known', (b, o) => writeUint32(b, 16, 7, o), /^the hash table has the unknown version 7/],
    ['pages of 0 bytes', (b, o) => writeUint32(b, 20, 0, o), /^the page size of 0 bytes is not a power of two/],
    ['pages of 256 bytes', (b, o) => writeUint32(b, 20, 256, o), /^the page size of 256 bytes is not a power of two/],
    ['pages of 768 bytes', (b, o) => writeUint32(b, 20, 768, o), /^the page size of 768 bytes is not a power of two/],
    [
      'pages of 128 KiB',
      (b, o) => writeUint32(b, 20, 131_072, o),
      /^the page size of 131072 bytes is not a power of two from 512 to 65536$/,
    ],
    ['encryption', (b) => b.writeUInt8(1, 24), /^the database is encrypted/],
    ['checksums', (b) => b.writeUInt8(1, 26), /^the database has page checksums/],
    ['more buckets than pages', (b, o) => writeUint32(b, 72, 3, o), /^4 buckets do not fit into 3 pages/],
    ['2^32 buckets', (b, o) => writeUint32(b, 72, 0xffff_ffff, o), /buckets do not fit into 3 pages/],
    ['a bucket outside', (b, o) => writeUint32(b, 96, 4, o), /^page 4 is not between 1 and 3/],
    ['a bucket in the meta page', (b, o) => writeUint32(b, 96, 0, o), /^page 0 is not between 1 and 3/],
    ['a bucket of another type', (b) => b.writeUInt8(5, PAGE + 25), /^page 1 has type 5 /],
    [
      'a lost bucket',
      (b) => b.fill(0, PAGE, 2 * PAGE),
      /^the header of the table states 2 entries, but the table has 0/,
    ],
    ['buckets in a circle', (b, o) => writeUint32(b, PAGE + 16, 1, o), /^page 1 is used twice/],
    ['a next page outside', (b, o) => writeUint32(b, PAGE + 16, 9, o), /^page 9 is not between 1 and 3/],
    ['a next page of another type', (b, o) => writeUint32(b, PAGE + 16, 2, o), /^page 2 has type 7 /],
    ['a key without a value', (b, o) => writeUint16(b, PAGE + 20, 3, o), /^page 1 has a key without a value/],
    ['more items than fit', (b, o) => writeUint16(b, PAGE + 20, 0xfffe, o), /^item 0 of page 1 has an invalid offset/],
    [
      'an item behind the one before',
      (b, o) => writeUint16(b, PAGE + 28, 511, o),
      /^item 1 of page 1 has an invalid offset/,
    ],
    [
      'an item in the list of items',
      (b, o) => writeUint16(b, PAGE + 28, 27, o),
      /^item 1 of page 1 has an invalid offset/,
    ],
    ['an item behind the page', (b, o) => writeUint16(b, PAGE + 26, 512, o), /^item 0 of page 1 has an invalid offset/],
    ['a key of another size', (b, o) => writeUint16(b, PAGE + 26, 508, o), /^a key is not a 4-byte number/],
    ['entry 0 twice', (b) => b.fill(0, keyOf(b, 1) + 1, keyOf(b, 1) + 5), /^entry 0 exists twice/],
    [
      'a count beyond its entries',
      (b, o) => writeUint32(b, 88, 3, o),
      /^the header of the table states 3 entries, but the table has 2/,
    ],
  ])('%s is an error', (_, change, message) => {
    for (const order of ORDERS) {
      expect(() => [...readBdb(changed(change, order))]).toThrow(refusal('bytes/corrupt', message));
    }
  });

  it.each<[string, (bytes: Buffer, order: ByteOrder) => void, RegExp]>([
    ['of a circle', (b, o) => writeUint32(b, 3 * PAGE + 16, 2, o), /^page 2 is used twice/],
    ['that leads outside', (b, o) => writeUint32(b, 2 * PAGE + 16, 99, o), /^page 99 is not between 1 and 3/],
    ['that ends early', (b, o) => writeUint32(b, 2 * PAGE + 16, 0, o), /^a chain of pages is 486 bytes instead of 900/],
    [
      'of pages of another type',
      (b) => b.writeUInt8(13, 3 * PAGE + 25),
      /^page 3 has type 13 but should be an overflow/,
    ],
    [
      'of pages fuller than full',
      (b, o) => writeUint16(b, 2 * PAGE + 22, 487, o),
      /^page 2 has 487 data bytes, but room for only 486/,
    ],
    [
      'of an item that is a list of duplicates',
      (b) => b.writeUInt8(2, valueOf(b, 1)),
      /^an item has the unexpected type 2/,
    ],
  ])('a chain %s fails only its entry', (_, change, message) => {
    for (const order of ORDERS) {
      const entries = [...readBdb(changed(change, order))];
      expect(entries.map(({ number }) => number)).toEqual([1]);
      expect(() => entries[0]?.header()).toThrow(refusal('bytes/corrupt', message));
    }
  });

  it('two entries that share a chain fail', () => {
    const bytes = bdbDatabase([values[0]!, values[0]!], { buckets: 1 });
    writeUint32(bytes, valueOf(bytes, 2) + 4, 2, 'little');
    const [first, second] = [...readBdb(bytes)];
    expect(first?.header()).toEqual(values[0]);
    expect(() => second?.header()).toThrow(refusal('bytes/corrupt', /^page 2 is used twice/));
  });

  it.each([16, 100, 223, 224, 512, 1024, 2047])('truncated to %i bytes is an error', (size) => {
    const bytes = bdbDatabase(values, { buckets: 1 });
    expect(bytes).toHaveLength(2048);
    expect(() => [...readBdb(bytes.subarray(0, size))]).toThrow(refusal('bytes/truncated', /./));
  });
});

it.each(['', 'Packages', 'SQLite format 3\0\0\0\0'])('does not accept %j', (text) => {
  expect(isBdb(Buffer.from(text))).toBe(false);
});

function itemOf(bytes: Buffer, index: number): number {
  const at = PAGE + 26 + 2 * index;
  return PAGE + Math.min(bytes.readUInt16LE(at), bytes.readUInt16BE(at));
}

function keyOf(bytes: Buffer, entry: number): number {
  return itemOf(bytes, 2 * entry);
}

function valueOf(bytes: Buffer, entry: number): number {
  return itemOf(bytes, 2 * entry + 1);
}

function refusal(code: ErrorCode, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}
