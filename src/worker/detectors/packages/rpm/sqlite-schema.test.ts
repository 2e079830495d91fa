import { describe, expect, it } from 'vitest';
import { PACKAGES_TABLE, sqliteDatabase } from './testing/rpm-sqlite.ts';
import type { ErrorCode } from '../../../../errors.ts';
import { checkSchemaSize } from './sqlite-schema.ts';

const PAGE = 4096;

/**
 * Creates the table of packages, `sqlite_sequence`, and other tables with long names, so that the schema needs its own
 * pages.
 */
function databaseOf(tables: number): Buffer {
  const others = Array.from({ length: tables - 2 }, (_, index) => `CREATE TABLE t${'x'.repeat(200)}${index} (id);`);
  return sqliteDatabase([], `${PACKAGES_TABLE};${others.join('')}`);
}

describe('checkSchemaSize', () => {
  it.each([2, 3, 40, 200])('accepts %i tables', (tables) => {
    expect(() => checkSchemaSize(databaseOf(tables), PAGE)).not.toThrow();
  });

  it.each([201, 202, 1000])('rejects %i tables', (tables) => {
    const message = /^the schema of the database has more than 200 entries$/;
    expect(() => checkSchemaSize(databaseOf(tables), PAGE)).toThrow(refusal('bytes/limit-exceeded', message));
  });
});

describe('the schema pages', () => {
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = databaseOf(40);
    // Page 1 is an interior page.
    expect(bytes.readUInt8(100)).toBe(5);
    change(bytes);
    return bytes;
  };

  it.each<[string, ErrorCode, (bytes: Buffer) => void, RegExp]>([
    [
      'may not go in circles',
      'bytes/limit-exceeded',
      (b) => b.writeUInt32BE(1, 108),
      /^the schema of the database has more than 200/,
    ],
    ['must be there', 'bytes/corrupt', (b) => b.writeUInt32BE(9999, 108), /^page 9999 of the schema is missing/],
    ['are numbered from 1', 'bytes/corrupt', (b) => b.writeUInt32BE(0, 108), /^page 0 of the schema is missing/],
    ['must be those of a table', 'bytes/corrupt', (b) => b.writeUInt8(2, 100), /^page 1 of the schema is damaged/],
    [
      'have only as many cells as fit',
      'bytes/corrupt',
      (b) => b.writeUInt16BE(0xffff, 103),
      /^page 1 of the schema is/,
    ],
    ['have their cells inside', 'bytes/corrupt', (b) => b.writeUInt16BE(4093, 112), /^a cell of the schema is/],
  ])('%s', (_, code, change, message) => {
    expect(() => checkSchemaSize(changed(change), PAGE)).toThrow(refusal(code, message));
  });
});

function refusal(code: ErrorCode, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}
