import { describe, expect, it } from 'vitest';
import { checkpoint, filesAfter, insertHeaders } from './testing/sqlite-log.ts';
import type { ErrorCode } from '../../../../errors.ts';
import { parseWriteAheadLog } from './parse-wal.ts';

const PAGE = 512;
const STEP = 24 + PAGE;

type Frame = { readonly page: number; readonly pages?: number; readonly salt?: number; readonly content?: number };

/** Writes a log according to sqlite.org/fileformat2.html#walformat, independently of the parser. */
function logOf(frames: readonly Frame[], { order = 'little', pageSize = PAGE, version = 3_007_000 } = {}): Buffer {
  const bytes = Buffer.alloc(32 + frames.length * STEP);
  const word = (at: number): bigint => BigInt(order === 'little' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  let s0 = 0n;
  let s1 = 0n;
  const sum = (start: number, end: number): void => {
    for (let at = start; at < end; at += 8) {
      s0 = (s0 + word(at) + s1) % 2n ** 32n;
      s1 = (s1 + word(at + 4) + s0) % 2n ** 32n;
    }
  };
  const writeSum = (at: number): void => {
    bytes.writeUInt32BE(Number(s0), at);
    bytes.writeUInt32BE(Number(s1), at + 4);
  };
  bytes.writeUInt32BE(order === 'little' ? 0x377f_0682 : 0x377f_0683, 0);
  bytes.writeUInt32BE(version, 4);
  bytes.writeUInt32BE(pageSize, 8);
  bytes.writeUInt32BE(0xcafe, 16);
  bytes.writeUInt32BE(0xbabe, 20);
  sum(0, 24);
  writeSum(24);
  frames.forEach(({ page, pages = 0, salt = 0xcafe, content = page }, index) => {
    const at = 32 + index * STEP;
    bytes.writeUInt32BE(page, at);
    bytes.writeUInt32BE(pages, at + 4);
    bytes.writeUInt32BE(salt, at + 8);
    bytes.writeUInt32BE(0xbabe, at + 12);
    bytes.fill(content, at + 24, at + STEP);
    sum(at, at + 8);
    sum(at + 24, at + STEP);
    writeSum(at + 16);
  });
  return bytes;
}

const offsetOf = (frame: number): number => 32 + frame * STEP + 24;
const COMMITTED: readonly Frame[] = [{ page: 1 }, { page: 3, pages: 3 }];

describe.each(['little', 'big'])('a log with %s-endian checksums', (order) => {
  const pagesOf = (frames: readonly Frame[]): ReturnType<typeof parseWriteAheadLog> =>
    parseWriteAheadLog(logOf(frames, { order }));

  it('has the pages of its transactions', () => {
    const offsets = new Map([
      [1, offsetOf(0)],
      [3, offsetOf(1)],
    ]);
    expect(pagesOf(COMMITTED)).toEqual({ pageSize: PAGE, pages: 3, offsets });
  });

  it('has the newest content of a page and the newest size', () => {
    const parsed = pagesOf([...COMMITTED, { page: 3, pages: 9, content: 7 }, { page: 2, pages: 2 }]);
    expect(parsed?.pages).toBe(2);
    expect(parsed?.offsets.get(3)).toBe(offsetOf(2));
  });

  it.each<[string, readonly Frame[]]>([
    ['that was never finished', [{ page: 1 }, { page: 2 }]],
    ['of an earlier use of the file', COMMITTED.map((frame) => ({ ...frame, salt: 0xbeef }))],
    ['for a page 0', [{ page: 0, pages: 1 }]],
  ])('ignores a transaction %s', (_, frames) => {
    expect(pagesOf(frames)).toBeUndefined();
    expect(pagesOf([...COMMITTED, ...frames])?.offsets.size).toBe(2);
  });

  it.each([0, 7, 8, 16, 24, 24 + PAGE - 1])('ends before a frame with byte %i damaged', (byte) => {
    const bytes = logOf([...COMMITTED, { page: 2, pages: 4 }, { page: 2, pages: 5 }], { order });
    const at = 32 + 2 * STEP + byte;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    expect(parseWriteAheadLog(bytes)?.pages).toBe(3);
  });

  it('is read at any memory offset', () => {
    const bytes = Buffer.concat([Buffer.alloc(3), logOf(COMMITTED, { order })]).subarray(3);
    expect(parseWriteAheadLog(bytes)?.pages).toBe(3);
  });
});

it('a log with the wrong byte order has an invalid checksum', () => {
  const bytes = logOf(COMMITTED);
  bytes.writeUInt32BE(0x377f_0683, 0);
  expect(() => parseWriteAheadLog(bytes)).toThrow(refusal('bytes/corrupt', /^the checksum of the log header is wrong/));
});

it.each([0, 1, 31, 32])('a log of %i bytes has no changes', (size) => {
  expect(parseWriteAheadLog(logOf(COMMITTED).subarray(0, size))).toBeUndefined();
});

it('a truncated log ends with its last whole transaction', () => {
  const bytes = logOf([...COMMITTED, { page: 2, pages: 4 }]);
  expect(parseWriteAheadLog(bytes.subarray(0, -1))?.pages).toBe(3);
  expect(parseWriteAheadLog(bytes.subarray(0, offsetOf(1)))).toBeUndefined();
});

it('a log that SQLite restarted has only the newer frames', () => {
  const { log } = filesAfter((database) => {
    insertHeaders(database, Array(20).fill(Buffer.alloc(10_000)));
    checkpoint(database);
    insertHeaders(database, [Buffer.alloc(10)]);
  });
  expect(log.length).toBeGreaterThan(40 * 4096);
  expect(parseWriteAheadLog(log)?.offsets.size).toBeLessThan(5);
});

it.each<[string, ErrorCode, Uint8Array, RegExp]>([
  [
    'that is invalid',
    'bytes/corrupt',
    Buffer.alloc(33, '<html>'),
    /^the log does not start like an SQLite write-ahead log/,
  ],
  ['of zeros', 'bytes/corrupt', Buffer.alloc(4096), /^the log does not start like an SQLite write-ahead log/],
  [
    'with pages of 511 bytes',
    'bytes/corrupt',
    logOf(COMMITTED, { pageSize: 511 }),
    /^the page size of 511 bytes is not a power of two/,
  ],
  [
    'with pages of 768 bytes',
    'bytes/corrupt',
    logOf(COMMITTED, { pageSize: 768 }),
    /^the page size of 768 bytes is not a power of two/,
  ],
  [
    'with pages of 128 KiB',
    'bytes/corrupt',
    logOf(COMMITTED, { pageSize: 131_072 }),
    /^the page size of 131072 bytes is not a power of two from 512 to 65536$/,
  ],
  ['of another version', 'bytes/corrupt', logOf(COMMITTED, { version: 3_007_001 }), /^the log has version 3007001/],
  ['of more than 128 MiB', 'bytes/limit-exceeded', new Uint8Array(128 * 2 ** 20 + 1), /^the log exceeds 134217728/],
])('rejects a log %s', (_, code, bytes, message) => {
  expect(() => parseWriteAheadLog(bytes)).toThrow(refusal(code, message));
});

function refusal(code: ErrorCode, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}
