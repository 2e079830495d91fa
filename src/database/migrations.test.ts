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

  it('create the same indexes on both engines', () => {
    const indexesOf = (engine: 'sqlite' | 'postgres'): readonly string[] =>
      migrationsOf(engine).flatMap(({ sql }) => sql.match(/^CREATE INDEX .*$/gm) ?? []);
    expect(indexesOf('sqlite')).toEqual(indexesOf('postgres'));
  });
});
