import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrationsOf } from '../../migrations.ts';
import { SELECT_ADDED } from './feed-differences.ts';

it('copies the names of added advisories by id, however many advisories the feed has', () => {
  const connection = new Database(':memory:');
  for (const { sql } of migrationsOf('sqlite')) connection.exec(sql);
  const plan = connection.prepare(`EXPLAIN QUERY PLAN ${SELECT_ADDED}`).all(1, 1, 1, 1, 500, 'debian');
  expect(plan).toMatchObject([{ detail: 'SEARCH vulnerability USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)' }]);
  connection.close();
});
