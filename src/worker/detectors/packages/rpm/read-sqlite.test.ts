import { describe, expect, it } from 'vitest';
import { PACKAGES_TABLE, sqliteDatabase } from './testing/rpm-sqlite.ts';
import type { ErrorCode } from '../../../../errors.ts';
import { isSqlite, readSqlite } from './read-sqlite.ts';

const HEADERS: readonly Buffer[] = [0, 1, 100, 5000, 70_000].map((size, index) => Buffer.alloc(size, index));

/** Returns the headers in hexadecimal, because strings compare much faster than buffers. */
function numbersAndHeaders(bytes: Uint8Array): readonly (readonly [number, string])[] {
  return [...readSqlite(bytes)].map(({ number, header }) => [number, Buffer.from(header()).toString('hex')]);
}

describe('a database', () => {
  const expected = HEADERS.map((header, index) => [index + 1, header.toString('hex')]);

  it('in WAL mode is read without modification', () => {
    const bytes = sqliteDatabase(HEADERS);
    const before = Buffer.from(bytes);
    expect(bytes.subarray(18, 20)).toEqual(Buffer.of(2, 2));
    expect(isSqlite(bytes)).toBe(true);
    expect(numbersAndHeaders(bytes)).toEqual(expected);
    expect(bytes.equals(before)).toBe(true);
  });

  it('without a log is read', () => {
    expect(numbersAndHeaders(sqliteDatabase(HEADERS).fill(1, 18, 20))).toEqual(expected);
  });

  it('amid other bytes is read', () => {
    const around = Buffer.concat([Buffer.alloc(7), sqliteDatabase(HEADERS), Buffer.alloc(9)]);
    expect(numbersAndHeaders(around.subarray(7, -9))).toEqual(expected);
  });

  it("with rpm's indexes and a schema without spaces is read", () => {
    const index = "CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)";
    const schema = `${PACKAGES_TABLE.replace(' (', '(')};${index};CREATE INDEX n ON Name(key ASC)`;
    expect(numbersAndHeaders(sqliteDatabase(HEADERS, schema))).toEqual(expected);
  });

  it('may have no entries', () => {
    expect(numbersAndHeaders(sqliteDatabase([]))).toEqual([]);
  });

  it('is closed when the iteration stops early', () => {
    const entries = readSqlite(sqliteDatabase(HEADERS));
    expect(entries.next().value).toMatchObject({ number: 1 });
    expect(entries.return(undefined).done).toBe(true);
  });
});

describe('rejects', () => {
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS hnum, i AS blob FROM n';

  it.each<[string, Buffer, RegExp]>([
    [
      'a database with another table',
      sqliteDatabase([], 'CREATE TABLE moz_places (id)'),
      /^the database has no table Packages/,
    ],
    ['a database without tables', sqliteDatabase([], 'PRAGMA user_version = 1'), /^the database has no table Packages/],
    [
      'a database with an endless view',
      sqliteDatabase([], `CREATE VIEW Packages AS ${endless}`),
      /^the database has no table Packages/,
    ],
    [
      'a database that computes its headers',
      sqliteDatabase([], 'CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob AS (zeroblob(1000000000)))'),
      /^the table Packages does not have the schema of rpm/,
    ],
    [
      'a database with a check',
      sqliteDatabase([], PACKAGES_TABLE.replace('NULL)', 'NULL CHECK(length(hex(blob))))')),
      /^the table Packages does not have the schema of rpm/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => [...readSqlite(bytes)]).toThrow(refusal('bytes/corrupt', message));
  });
});

describe('damage', () => {
  it.each([16, 99, 100, 4096, 8192, -1])('truncation at byte %i is an error', (end) => {
    const bytes = sqliteDatabase(HEADERS).subarray(0, end);
    expect(() => [...readSqlite(bytes)]).toThrow(refusal('bytes/truncated', /./));
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['a page that is wiped out', (bytes) => bytes.fill(0, 4096, 8192)],
    ['a page of another kind', (bytes) => bytes.fill(10, 4096, 4097)],
    ['no cells where cells are', (bytes) => bytes.fill(0, 4099, 4101)],
    ['a malformed schema', (bytes) => bytes.fill('x', bytes.indexOf('CREATE'), bytes.indexOf('TABLE'))],
    ['page sizes that do not exist', (bytes) => bytes.fill(3, 16, 18)],
  ])('%s is an error', (_, change) => {
    expect(() => [...readSqlite(change(sqliteDatabase(HEADERS)))]).toThrow(refusal('bytes/corrupt', /./));
  });

  it('a header that is not a blob fails only its entry', () => {
    const [first, second] = [...readSqlite(sqliteDatabase(['text', Buffer.of(1)]))];
    expect(() => first?.header()).toThrow(refusal('bytes/corrupt', /^the header is not a blob/));
    expect(second?.header()).toEqual(Buffer.of(1));
  });
});

it.each(['', 'SQLite format', '** This file contains an SQLite 2.1 database **'])('does not accept %j', (text) => {
  expect(isSqlite(Buffer.from(text))).toBe(false);
});

function refusal(code: ErrorCode, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}
