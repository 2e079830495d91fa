import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrationsOf } from '../../../migrations.ts';
import { newPostgresSource } from '../../../testing/stores.ts';
import { openPostgres } from '../engine.ts';
import { LAYERS_PER_PARTITION } from './layer-partitions.ts';

describe('a migration of layer_feature to partitions', () => {
  const role = `role_${randomBytes(8).toString('hex')}`;
  const source = newPostgresSource();
  let client: pg.Client;
  let before: unknown;
  const [first, last] = ['layer_feature', 'layer_feature_1'];

  async function rows(): Promise<unknown> {
    return (await client.query('SELECT * FROM layer_feature ORDER BY layer, feature, path')).rows;
  }

  /** Returns the files of a table and its indexes; a file is replaced when rows are copied or indexes are built. */
  async function filesOf(table: string): Promise<unknown> {
    const files = await client.query({
      text: `
SELECT relfilenode FROM pg_class WHERE oid = $1::regclass
UNION ALL SELECT relfilenode FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indrelid = $1::regclass ORDER BY 1`,
      values: [table],
      rowMode: 'array',
    });
    return files.rows;
  }

  async function definitionsOf(table: string): Promise<readonly string[]> {
    const { rows: found } = await client.query<{ definition: string }>(
      `
SELECT conname || ' ' || pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = $1::regclass AND contype <> 'n'
UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = $1::regclass
UNION ALL SELECT attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attcollation::regcollation
  FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0
ORDER BY 1`,
      [table],
    );
    return found.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '));
  }

  beforeAll(async () => {
    client = await connectedTo119(source);
    await client.query(`CREATE ROLE ${role}`);
    await client.query(`GRANT SELECT, INSERT ON layer_feature TO ${role}`);
    await client.query('GRANT SELECT ON layer_feature TO PUBLIC');
    for (const statement of ROWS) await client.query(statement);
    before = { rows: await rows(), files: await filesOf(first), definitions: await definitionsOf(first) };
    await (await openPostgres(source)).close();
  });
  afterAll(async () => {
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await client.end();
  });

  it('keeps all rows, keys, indexes and constraints, without a copy of the rows or new indexes', async () => {
    const after = { rows: await rows(), files: await filesOf(last), definitions: await definitionsOf(first) };
    expect(after).toEqual(before);
    const attached = `SELECT count(*)::int AS count FROM pg_index JOIN pg_inherits ON inhrelid = indexrelid
WHERE indrelid = 'layer_feature_1'::regclass AND indisvalid`;
    expect((await client.query(attached)).rows).toEqual([{ count: 3 }]);
  });
  it('creates partitions up to a multiple of 4,000,000 with room for new layers', async () => {
    const bounds =
      "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname ~ '^layer_feature_.$' AND relnamespace = current_schema()::regnamespace ORDER BY relname";
    // The largest id is less than a tenth of a partition below the first bound.
    expect((await client.query({ text: bounds, rowMode: 'array' })).rows.flat()).toEqual([
      "FOR VALUES FROM (MINVALUE) TO ('8000000')",
      "FOR VALUES FROM ('8000000') TO ('12000000')",
    ]);
    expect(LAYERS_PER_PARTITION).toBe(4_000_000);
  });
  it('keeps the permissions of other roles', async () => {
    const granted = `SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
WHERE table_schema = current_schema() AND table_name LIKE 'layer_feature%' AND grantee IN ($1, 'PUBLIC') ORDER BY 1, 2, 3`;
    expect((await client.query({ text: granted, values: [role], rowMode: 'array' })).rows).toEqual(
      ['layer_feature', 'layer_feature_1', 'layer_feature_2'].flatMap((table) => [
        [table, 'PUBLIC', 'SELECT'],
        [table, role, 'INSERT'],
        [table, role, 'SELECT'],
      ]),
    );
  });
  it.each([
    ['with a known key', "1, 1, '', 1, 0", '23505'],
    ['of an unknown feature', "1, 99, '', 1, 0", '23503'],
    ['of an unknown layer', "99, 1, '', 1, 0", '23503'],
    ['with an invalid change', "1, 1, 'x', 5, 0", '23514'],
  ])('rejects a row %s', async (_, values, code) => {
    const inserted = client.query(`INSERT INTO layer_feature VALUES (${values})`);
    await expect(inserted).rejects.toMatchObject({ code });
  });
  it('deletes the rows of deleted layers, and refuses to delete a used feature', async () => {
    await expect(client.query('DELETE FROM feature WHERE id = 2')).rejects.toMatchObject({ code: '23503' });
    await client.query('DELETE FROM layer WHERE id IN (2, 7999999)');
    const left = await client.query('SELECT DISTINCT layer FROM layer_feature ORDER BY layer');
    expect(left.rows.map(({ layer }) => Number(layer))).toEqual([1, 3]);
  });
});

/** Creates a schema with the migrations before the partitions. */
async function connectedTo119(source: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: source });
  await client.connect();
  const schema = new URL(source).searchParams.get('search_path');
  await client.query(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}`);
  await client.query('CREATE TABLE schema_migration (version integer PRIMARY KEY, applied_at bigint NOT NULL)');
  for (const { version, sql } of migrationsOf('postgres').filter((each) => each.version < 120)) {
    await client.query(sql);
    await client.query('INSERT INTO schema_migration VALUES ($1, 0)', [version]);
  }
  return client;
}

const ROWS = [
  "INSERT INTO namespace VALUES (1, 'debian:12', 'dpkg')",
  "INSERT INTO line VALUES (1, 1, 'tool', '')",
  `INSERT INTO feature (id, line, type, name, version, details, identity)
    SELECT i, 1, 'deb', 'tool', i::text, '{}', i::text::bytea FROM generate_series(1, 20) AS i`,
  "INSERT INTO layer_contents VALUES ('sha256:a', 1, '')",
  `INSERT INTO layer (id, name, engine_version, digest, depth, content_sets, diagnostics, created_at)
    SELECT i, 'layer ' || i, 1, 'sha256:a', 0, '[]', '[]', 0 FROM unnest('{1, 2, 3, 7999999}'::bigint[]) AS i`,
  `INSERT INTO layer_feature SELECT layer.id, feature.id, CASE feature.id WHEN 3 THEN 'a' ELSE '' END, 1, 0
    FROM layer CROSS JOIN feature`,
];
