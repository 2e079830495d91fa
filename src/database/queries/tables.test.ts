import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { migrationsOf } from '../migrations.ts';
import { TABLES } from './tables.ts';

const connection = new Database(':memory:');
for (const { sql } of migrationsOf('sqlite')) connection.exec(sql);
afterAll(() => connection.close());

type Column = { readonly name: string; readonly pk: number };

describe('the list of tables', () => {
  it('has every table of the schema except locks', () => {
    const names = connection.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    expect([...TABLES.map(({ name }) => name), 'lock'].toSorted()).toEqual(names.toSorted());
  });

  it.each(TABLES)('has all columns of $name, and its key', ({ name, key, columns, time }) => {
    const stored = connection.prepare<[string], Column>('SELECT name, pk FROM pragma_table_info(?)').all(name);
    expect(columns).toEqual(stored.map((column) => column.name));
    const primary = stored.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    expect(key).toEqual(primary.map((column) => column.name));
    expect(columns).toEqual(expect.arrayContaining(time === undefined ? [] : [time]));
  });

  it('has few columns in the table that reports search most', () => {
    // If the table has more columns, SQLite compares keys in a slower way, and a report takes a sixth longer
    // (sqlite3VdbeFindCompare).
    expect(TABLES.find(({ name }) => name === 'affected')?.columns.length).toBeLessThanOrEqual(13);
  });

  it.each(TABLES)('has the tables that $name refers to before it', ({ name }) => {
    const wanted = connection.prepare<[string], string>('SELECT "table" FROM pragma_foreign_key_list(?)').pluck();
    const upToIt = TABLES.slice(0, TABLES.findIndex((table) => table.name === name) + 1);
    const before = new Set(upToIt.map((table) => table.name));
    expect(wanted.all(name).filter((table) => !before.has(table))).toEqual([]);
  });
});
