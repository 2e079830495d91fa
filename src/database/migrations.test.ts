import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrationsOf, pendingMigrations } from './migrations.ts';

describe('migrations', () => {
  const known = [1, 2, 3].map((version) => ({ version, sql: `-- ${version}` }));

  it.each(['sqlite', 'postgres'] as const)(
    'of %s are numbered from 101 without gaps and first state whether older releases can use the result',
    (engine) => {
      const all = migrationsOf(engine);
      expect(all.map(({ version }) => version)).toEqual(all.map((_, at) => at + 101));
      for (const { sql } of all) expect(sql).toMatch(/^-- breaking: (yes|no)\n/);
    },
  );

  it.each<[number[], number[]]>([
    [[], [1, 2, 3]],
    [[1], [2, 3]],
    [[1, 2, 3], []],
  ])('after %j: %j', (applied, expected) => {
    expect(pendingMigrations(known, applied).map(({ version }) => version)).toEqual(expected);
  });

  it('reject a database of a later release', () => {
    expect(() => pendingMigrations(known, [1, 2, 3, 4])).toThrow(/schema 4/);
  });

  it('reject a database of a development version and explain what to do', () => {
    expect(() => pendingMigrations([{ version: 100, sql: '' }], [1, 14])).toThrow(
      expect.objectContaining({ code: 'database/older-schema', message: expect.stringContaining('schema 14') }),
    );
  });

  it('create the same tables with the same columns, in the same order, on both engines', () => {
    const tablesOf = (engine: 'sqlite' | 'postgres'): readonly (readonly string[])[] =>
      migrationsOf(engine).flatMap(({ sql }) =>
        [...sql.matchAll(/^CREATE TABLE (\w+) \(\n([\s\S]*?)\n\)/gm)].map(([, table = '', body = '']) => [
          table,
          ...[...body.matchAll(/^ {2}([a-z_]+) +[A-Za-z]/gm)].map(([, column = '']) => column),
        ]),
      );
    const tables = tablesOf('sqlite');
    expect(tables).toEqual(tablesOf('postgres'));
    expect(tables.flat()).toEqual(expect.arrayContaining(['layer_feature', 'origin_depth']));
  });

  it('keep the packages and functions that advisories name', () => {
    const database = new Database(':memory:');
    const migrate = (versions: (version: number) => boolean): void => {
      for (const { sql } of migrationsOf('sqlite').filter(({ version }) => versions(version))) database.exec(sql);
    };
    migrate((version) => version < 114);
    database.exec(`
      INSERT INTO namespace VALUES (1, 'golang', 'semver');
      INSERT INTO line VALUES (2, 1, 'a', '');
      INSERT INTO vulnerability VALUES (3, 'osv', 'GO-1', '', '', x'');
      INSERT INTO affected VALUES
        (2, x'01', 3, x'00', 0, 'feed', 'open', NULL, '1', NULL, ',amd64,', 'm', 'c', '[{"path":"a/p"}]'),
        (2, x'02', 3, x'01', 0, 'feed', 'open', NULL, '2', NULL, '', '', '', '')`);
    migrate((version) => version >= 114);
    const imports = database.prepare('SELECT * FROM affected_imports').raw().all();
    expect(imports).toEqual([[3, 2, Buffer.of(1), Buffer.of(0), ',amd64,', 'm', 'c', '[{"path":"a/p"}]']]);
    expect(database.prepare('SELECT COUNT(*) FROM affected').pluck().get()).toBe(2);
    database.close();
  });

  it('create the same indexes on both engines', () => {
    const indexesOf = (engine: 'sqlite' | 'postgres'): readonly string[] =>
      migrationsOf(engine).flatMap(({ sql }) => sql.match(/^CREATE INDEX .*$/gm) ?? []);
    expect(indexesOf('sqlite')).toEqual(indexesOf('postgres'));
  });
});
