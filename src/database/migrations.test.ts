import { describe, expect, it } from 'vitest';
import { migrationsOf, pendingMigrations } from './migrations.ts';

describe('migrations', () => {
  const known = [1, 2, 3].map((version) => ({ version, sql: `-- ${version}` }));

  it.each(['sqlite', 'postgres'] as const)(
    'of %s are numbered from 1 without a gap, and say first whether older releases can go on',
    (engine) => {
      const all = migrationsOf(engine);
      expect(all.map(({ version }) => version)).toEqual(all.map((_, at) => at + 1));
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

  it('refuse a database of a later release', () => {
    expect(() => pendingMigrations(known, [1, 2, 3, 4])).toThrow(/schema 4/);
  });
});
