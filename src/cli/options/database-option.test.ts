import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { databaseOptions, databaseText } from './database-option.ts';

it.each([
  ['memory', 'memory'],
  ['data/clair.db', resolve('data/clair.db')],
  ['postgres://clair:secret@db.example:5433/data?sslmode=disable', 'postgres://db.example:5433/data'],
  ['postgresql://clair:secret@db.example/data', 'postgres://db.example/data'],
])('names the database %s in messages, without credentials', (value, text) => {
  expect(databaseText(databaseOptions(value))).toBe(text);
});

it('names a database that is given by keywords', () => {
  const source = 'host=db.example dbname=data user=clair password=secret';
  expect(databaseText({ type: 'postgres', source })).toBe('postgres://db.example/data');
});
