import { expect, it } from 'vitest';
import { readWriteAheadLog } from './parse-wal.ts';

const WAL = 'var/lib/rpm/rpmdb.sqlite-wal';

/** A log of one frame (sqlite.org/fileformat2.html, "The Write-Ahead Log"). */
function log(magic: number, salt: number): Buffer {
  const bytes = Buffer.alloc(32 + 24 + 512);
  bytes.writeUInt32BE(magic, 0);
  bytes.writeUInt32BE(3_007_000, 4);
  bytes.writeUInt32BE(512, 8);
  bytes.writeUInt32BE(0xcafe, 16);
  bytes.writeUInt32BE(1, 32);
  bytes.writeUInt32BE(salt, 32 + 8);
  return bytes;
}

const CURRENT = log(0x377f_0682, 0xcafe);

it.each<[string, Uint8Array]>([
  ['that is empty', new Uint8Array(0)],
  ['of a header alone', CURRENT.subarray(0, 32)],
  ['whose first frame was never finished', CURRENT.subarray(0, 56)],
  ['whose frames are of an earlier turn', log(0x377f_0682, 0xbeef)],
])('a log %s says nothing', (_, bytes) => {
  expect(readWriteAheadLog(WAL, bytes)).toEqual({ problems: [] });
});

it.each<[string, Uint8Array, string]>([
  ['that holds a frame', CURRENT, 'holds changes of the package database'],
  ['of the other byte order', log(0x377f_0683, 0xcafe), 'holds changes of the package database'],
  ['that is none', Buffer.from('<html>'), 'is no write-ahead log of SQLite'],
  ['of zeros', Buffer.alloc(4096), 'is no write-ahead log of SQLite'],
])('a log %s makes the database unreadable', (_, bytes, what) => {
  const message = `${WAL} ${what}: it is not read, and var/lib/rpm/rpmdb.sqlite alone may not be what is installed`;
  expect(readWriteAheadLog(WAL, bytes)).toEqual({
    problems: [{ code: 'package-database-unreadable', message, where: WAL }],
  });
});
