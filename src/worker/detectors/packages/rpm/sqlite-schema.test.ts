import { describe, expect, it } from 'vitest';
import { PACKAGES_TABLE, sqliteDatabase } from './testing/rpm-sqlite.ts';
import type { ErrorCode } from '../../../../errors.ts';
import { checkSchemaSize } from './sqlite-schema.ts';

const PAGE = 4096;

/** Tables with names so long that the schema takes pages of its own; the table of the packages has one more beside it. */
function databaseOf(tables: number): Buffer {
  const others = Array.from({ length: tables - 2 }, (_, index) => `CREATE TABLE t${'x'.repeat(200)}${index} (id);`);
  return sqliteDatabase([], `${PACKAGES_TABLE};${others.join('')}`);
}

describe('the tables of a database', () => {
  it.each([2, 3, 40, 200])('may be %i', (tables) => {
    expect(() => checkSchemaSize(databaseOf(tables), PAGE)).not.toThrow();
  });

  it.each([201, 202, 1000])('may not be %i', (tables) => {
    const message = /^more than 200 tables and indexes$/;
    expect(() => checkSchemaSize(databaseOf(tables), PAGE)).toThrow(refusal('bytes/limit-exceeded', message));
  });
});

describe('the pages that list them', () => {
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = databaseOf(40);
    // Page 1 leads to others.
    expect(bytes.readUInt8(100)).toBe(5);
    change(bytes);
    return bytes;
  };

  it.each<[string, ErrorCode, (bytes: Buffer) => void, RegExp]>([
    ['may not go in circles', 'bytes/limit-exceeded', (b) => b.writeUInt32BE(1, 108), /^more than 200/],
    ['must be there', 'bytes/corrupt', (b) => b.writeUInt32BE(9999, 108), /^page 9999 of its schema is not there/],
    ['have numbers', 'bytes/corrupt', (b) => b.writeUInt32BE(0, 108), /^page 0 of its schema is not there/],
    ['must be those of a table', 'bytes/corrupt', (b) => b.writeUInt8(2, 100), /^page 1 of its schema is damaged/],
    ['have so many cells as fit', 'bytes/corrupt', (b) => b.writeUInt16BE(0xffff, 103), /^page 1 of its schema is/],
    ['have their cells inside', 'bytes/corrupt', (b) => b.writeUInt16BE(4093, 112), /^a cell of its schema lies/],
  ])('%s', (_, code, change, message) => {
    expect(() => checkSchemaSize(changed(change), PAGE)).toThrow(refusal(code, message));
  });
});

function refusal(code: ErrorCode, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}
