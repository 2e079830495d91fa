import Database from 'better-sqlite3';
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

  it('keep what was affected before it could be limited to products', () => {
    const database = new Database(':memory:');
    const [first, ...others] = migrationsOf('sqlite');
    database.exec(first!.sql);
    database.exec(`
      INSERT INTO namespace VALUES (1, 'rhel:9', 'rpm');
      INSERT INTO stream VALUES (2, 1, 'a', 0);
      INSERT INTO vulnerability VALUES (3, 's', 'CVE-1', '', '', x'00');
      INSERT INTO affected VALUES (2, x'02', 3, x'01', 4, 'source', 'fixed', '1', '2', NULL, ',x86_64,', 'm:1');`);
    const before = database.prepare<[], object>('SELECT * FROM affected').get();
    for (const { sql } of others) database.exec(sql);
    expect(database.prepare('SELECT * FROM affected').all()).toEqual([{ ...before, cpe: '' }]);
    database.close();
  });

  it('count the last delivery of notifications that were delivered before, and keep why an attempt failed', () => {
    const database = new Database(':memory:');
    const all = migrationsOf('sqlite');
    const at = all.findIndex(({ sql }) => sql.includes('ADD COLUMN deliveries'));
    for (const { sql } of all.slice(0, at)) database.exec(sql);
    database.exec(`
      INSERT INTO change_log (id, source, name, kind, at) VALUES (1, 's', 'CVE-1', 'added', 0), (2, 's', 'CVE-2', 'added', 0);
      INSERT INTO notification (name, change, kind, created_at, notified_at, read_at, attempts, error, due_at) VALUES
        ('delivered', 1, 'new', 1, 5, 5, 0, NULL, NULL), ('waiting', 2, 'new', 1, NULL, NULL, 3, 'status 500', 9);`);
    for (const { sql } of all.slice(at)) database.exec(sql);
    const told = database.prepare(
      'SELECT name, channels, deliveries, total_attempts, failed_at, failure FROM notification',
    );
    expect(told.raw().all()).toEqual([
      ['delivered', '[]', 1, 1, null, null],
      ['waiting', '[]', 0, 3, null, 'status 500'],
    ]);
    database.close();
  });

  it('tell of the layers of images that were scanned before what is known of them', () => {
    const database = new Database(':memory:');
    const all = migrationsOf('sqlite');
    const at = all.findIndex(({ sql }) => sql.includes('CREATE TABLE image_layer'));
    for (const { sql } of all.slice(0, at)) database.exec(sql);
    database.exec(`
      INSERT INTO layer_findings VALUES ('sha256:a', 1, x'00'), ('sha256:b', 1, x'00');
      INSERT INTO layer (id, name, engine_version, digest, parent, depth, content_sets, problems, created_at) VALUES
        (1, 'base', 1, 'sha256:a', NULL, 0, '[]', '[]', 0), (2, 'top', 1, 'sha256:b', 1, 1, '[]', '[]', 0);
      INSERT INTO image VALUES (7, 'sha256:i', 'r', 't', 'p', 2, 0), (8, 'sha256:e', 'r', 't', 'p', NULL, 0);`);
    for (const { sql } of all.slice(at)) database.exec(sql);
    const layers = database.prepare('SELECT image, position, digest, diff_id, created_by, size FROM image_layer').raw();
    expect(layers.all()).toEqual([
      [7, 0, 'sha256:a', 'sha256:a', '', null],
      [7, 1, 'sha256:b', 'sha256:b', '', null],
    ]);
    database.close();
  });

  it('tell of images that were scanned before which layers they are made of', () => {
    const database = new Database(':memory:');
    const all = migrationsOf('sqlite');
    const at = all.findIndex(({ sql }) => sql.includes('CREATE TABLE image_chain'));
    for (const { sql } of all.slice(0, at)) database.exec(sql);
    database.exec(`
      INSERT INTO layer_findings VALUES ('sha256:a', 1, x'00');
      INSERT INTO layer (id, name, engine_version, digest, parent, depth, content_sets, problems, created_at) VALUES
        (1, 'base', 1, 'sha256:a', NULL, 0, '[]', '[]', 0), (2, 'top', 1, 'sha256:a', 1, 1, '[]', '[]', 0),
        (3, 'other', 1, 'sha256:a', 1, 1, '[]', '[]', 0), (4, 'unused', 1, 'sha256:a', 2, 2, '[]', '[]', 0);
      INSERT INTO image (id, digest, reference, target, platform, leaf, scanned_at) VALUES
        (7, 'sha256:7', 'r', 't', 'p', 2, 0), (8, 'sha256:8', 'r', 't', 'p', 3, 0), (9, 'sha256:9', 'r', 't', 'p', NULL, 0);`);
    for (const { sql } of all.slice(at)) database.exec(sql);
    expect(database.prepare('SELECT layer, image FROM image_chain ORDER BY layer, image').raw().all()).toEqual([
      [1, 7],
      [1, 8],
      [2, 7],
      [3, 8],
    ]);
    database.close();
  });

  it('leave images that were scanned before without counts, with the namespace of their topmost layer', () => {
    const database = new Database(':memory:');
    const all = migrationsOf('sqlite');
    const at = all.findIndex(({ sql }) => sql.includes('ADD COLUMN counts'));
    for (const { sql } of all.slice(0, at)) database.exec(sql);
    database.exec(`
      INSERT INTO layer_findings VALUES ('sha256:a', 1, x'00');
      INSERT INTO layer (id, name, engine_version, digest, parent, depth, namespace, content_sets, problems, created_at)
        VALUES (1, 'base', 1, 'sha256:a', NULL, 0, 'debian:12', '[]', '[]', 0);
      INSERT INTO image (id, digest, reference, target, platform, leaf, scanned_at) VALUES
        (7, 'sha256:7', 'r', 't', 'p', 1, 0), (8, 'sha256:8', 'r', 't', 'p', NULL, 0);`);
    for (const { sql } of all.slice(at)) database.exec(sql);
    const rows = database.prepare('SELECT id, namespace, is_counted, counts, findings, is_incomplete FROM image').raw();
    expect(rows.all()).toEqual([
      [7, 'debian:12', 0, null, -1, 1],
      [8, null, 0, null, -1, 1],
    ]);
    database.close();
  });

  it.each<[string, readonly number[], string | undefined]>([
    ['empty', [], undefined],
    ['never shortened', [1, 2, 3], undefined],
    ['shortened at its beginning', [4, 5], '40'],
    ['shortened in between', [1, 3, 4, 7, 8], '70'],
  ])('tell from when on a change log is whole that was %s', (_, ids, expected) => {
    const database = new Database(':memory:');
    const all = migrationsOf('sqlite');
    const at = all.findIndex(({ sql }) => sql.includes('change-log/whole-since'));
    for (const { sql } of all.slice(0, at)) database.exec(sql);
    const insert = database.prepare(
      "INSERT INTO change_log (id, source, name, kind, at) VALUES (?, 's', 'n', 'added', ?)",
    );
    for (const id of ids) insert.run(id, id * 10);
    for (const { sql } of all.slice(at)) database.exec(sql);
    expect(database.prepare('SELECT value FROM flag').pluck().get()).toBe(expected);
    database.close();
  });

  it('tell of images that were scanned before under which reference they are', () => {
    const database = new Database(':memory:');
    const all = migrationsOf('sqlite');
    const at = all.findIndex(({ sql }) => sql.includes('CREATE TABLE image_reference'));
    for (const { sql } of all.slice(0, at)) database.exec(sql);
    database.exec(
      "INSERT INTO image (id, digest, reference, target, platform, scanned_at) VALUES (7, 'd', 'r', 't', 'p', 9)",
    );
    for (const { sql } of all.slice(at)) database.exec(sql);
    expect(database.prepare('SELECT * FROM image_reference').raw().all()).toEqual([['r', 'p', 9, 7]]);
    database.close();
  });
});
