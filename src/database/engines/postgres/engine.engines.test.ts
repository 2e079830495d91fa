import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../testing/postgres-server.ts';
import { newPostgresSource } from '../../testing/stores.ts';
import type { Engine, InsertTarget } from '../engine.ts';
import { NAMESPACES } from '../../queries/layers/feature-rows.ts';
import { openPostgres, type PostgresOptions } from './engine.ts';

const opened: Engine[] = [];
async function open(source: string, options?: PostgresOptions): Promise<Engine> {
  const engine = await openPostgres(source, options);
  opened.push(engine);
  return engine;
}
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close();
});

const SET = 'INSERT INTO flag (name, value) VALUES (?, ?)';
const FLAGS: InsertTarget = { table: 'flag', columns: ['name', 'value'] };
const CHANGES: InsertTarget = { table: 'change_log', columns: ['feed', 'name', 'kind', 'at'], inOrderOfCommit: true };

/** Waits until one transaction in the schema of `engine` waits for another transaction. */
async function waiterOn(engine: Engine): Promise<void> {
  const waiting =
    "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'namespace'::regclass)";
  while ((await engine.read.get(waiting)) === undefined) await setImmediate();
}

const flags = async (engine: Engine): Promise<string[]> =>
  (await engine.read.all<{ name: string }>('SELECT name FROM flag ORDER BY name')).map(({ name }) => name);

describe('a transaction on PostgreSQL', () => {
  it('is invisible before the commit, and rolled back when it fails', async () => {
    const engine = await open(newPostgresSource());
    const failing = engine.transaction(async (queries) => {
      await queries.run(SET, ['uncommitted', '']);
      expect(await flags(engine)).toEqual([]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await flags(engine)).toEqual([]);
  });

  it('waits for other transactions with its name in any instance', async () => {
    const source = newPostgresSource();
    const [one, other] = [await open(source), await open(source)];
    const count = async (engine: Engine): Promise<void> =>
      await engine.transaction(
        async (queries) => {
          const row = await queries.get<{ value: string }>('SELECT value FROM flag WHERE name = ?', ['count']);
          const upsert = `${SET} ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
          await queries.run(upsert, ['count', String(Number(row?.value ?? 0) + 1)]);
        },
        { alone: 'count' },
      );
    await Promise.all(Array.from({ length: 40 }, (_, at) => count(at % 2 === 0 ? one : other)));
    expect(await one.read.get('SELECT value FROM flag')).toEqual({ value: '40' });
  });

  it('runs again when PostgreSQL aborts one of two deadlocked transactions', async () => {
    const engine = await open(newPostgresSource());
    await engine.transaction((queries) =>
      queries.insertMany(FLAGS, [
        ['a', ''],
        ['b', ''],
      ]),
    );
    let runs = 0;
    const bothHaveOne = meeting(2);
    const touch = async (first: string, second: string): Promise<void> =>
      await engine.transaction(async (queries) => {
        runs += 1;
        await queries.run("UPDATE flag SET value = value || '1' WHERE name = ?", [first]);
        await bothHaveOne();
        await queries.run("UPDATE flag SET value = value || '2' WHERE name = ?", [second]);
      });
    await Promise.all([touch('a', 'b'), touch('b', 'a')]);
    expect(runs).toBeGreaterThan(2);
    const rows = await engine.read.all<{ value: string }>('SELECT value FROM flag');
    expect(rows.map(({ value }) => value.length)).toEqual([2, 2]);
  });

  // Transactions keep up to 100 rows in memory until the commit, so the cases are below and above this limit.
  it.each([1, 60, 150])('numbers %i rows in commit order, not in start order', async (count) => {
    const source = newPostgresSource();
    const [slow, fast] = [await open(source), await open(source)];
    const changes = (name: string): [string, string, string, number][] =>
      Array.from({ length: count }, (_, at) => ['s', `${name} ${at}`, 'added', 0]);
    const read = async (): Promise<unknown[]> =>
      (await slow.read.all<{ name: string }>('SELECT name FROM change_log ORDER BY id')).map(({ name }) => name);
    const names = (...of: readonly string[]): string[] => of.flatMap((name) => changes(name).map(([, each]) => each));
    await slow.transaction(async (queries) => {
      await queries.insertMany(CHANGES, changes('slow 1'));
      await fast.transaction((others) => others.insertMany(CHANGES, changes('fast')));
      expect(await read()).toEqual(names('fast'));
      await queries.insertMany(CHANGES, changes('slow 2'));
    });
    expect(await read()).toEqual(names('fast', 'slow 1', 'slow 2'));
  });

  it('numbers inserted and selected rows in their order', async () => {
    const engine = await open(newPostgresSource());
    const select = "SELECT 's', name || CAST(? AS text), 'added', 0 FROM change_log ORDER BY name DESC";
    await engine.transaction((queries) =>
      queries.insertMany(CHANGES, [
        ['s', 'a', 'added', 0],
        ['s', 'b', 'added', 0],
      ]),
    );
    await engine.transaction(async (queries) => {
      await queries.insertMany(CHANGES, [['s', 'c', 'added', 0]]);
      expect(await queries.insertSelected(CHANGES, select, ['1'])).toBe(2);
      await queries.insertMany(CHANGES, [['s', 'd', 'added', 0]]);
      expect(await queries.insertSelected(CHANGES, select, ['2'])).toBe(2);
    });
    const rows = await engine.read.all<{ name: string }>('SELECT name FROM change_log ORDER BY id');
    expect(rows.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'b1', 'a1', 'd', 'b2', 'a2']);
  });

  it('shows a reader by ascending id each row of concurrent transactions', async () => {
    const engine = await open(newPostgresSource());
    const names = Array.from({ length: 120 }, (_, at) => `c${at}`);
    const read: string[] = [];
    let last = 0;
    const readOn = async (): Promise<void> => {
      const rows = await engine.read.all<{ id: number; name: string }>(
        'SELECT id, name FROM change_log WHERE id > ? ORDER BY id',
        [last],
      );
      last = rows.at(-1)?.id ?? last;
      read.push(...rows.map(({ name }) => name));
    };
    const state = { isWriting: true };
    const writing = Promise.all(
      names.map((name) => engine.transaction((queries) => queries.insertMany(CHANGES, [['s', name, 'added', 0]]))),
    ).finally(() => (state.isWriting = false));
    while (state.isWriting) await readOn();
    await writing;
    await readOn();
    expect(read.toSorted()).toEqual(names.toSorted());
  });

  it('publishes names before it ends, in any order of requests', async () => {
    const source = newPostgresSource();
    const [one, other] = [await open(source), await open(source)];
    const rows = Array.from({ length: 500 }, (_, at) => [`n${at}`, 'dpkg']);
    const ids = await one.transaction(async (queries) => {
      const mine = await queries.ensureMany(NAMESPACES, rows);
      const backwards = await other.transaction((others) => others.ensureMany(NAMESPACES, rows.toReversed()));
      expect(backwards.toReversed()).toEqual(mine);
      return mine;
    });
    expect(new Set(ids).size).toBe(500);
    const twice = [
      ['n1', 'dpkg'],
      ['new', 'dpkg'],
      ['n1', 'dpkg'],
      ['new', 'dpkg'],
    ];
    const again = await one.transaction((queries) => queries.ensureMany(NAMESPACES, twice));
    expect([again[0], again[1]]).toEqual([again[2], again[3]]);
    expect(again[0]).toBe(ids[1]);
  });

  it('locks only unused rows, and inserts removed names again', async () => {
    const source = newPostgresSource();
    const [one, other] = [await open(source), await open(source)];
    const [used = 0, unused = 0] = await one.transaction((queries) =>
      queries.ensureMany(NAMESPACES, [
        ['used', 'dpkg'],
        ['unused', 'dpkg'],
      ]),
    );
    await one.transaction(async (queries) => {
      expect(await queries.ensureMany(NAMESPACES, [['used', 'dpkg']])).toEqual([used]);
      expect(await other.transaction((others) => others.lockUnused('namespace', [used, unused, 99]))).toEqual([unused]);
    });
    const free = await one.transaction((queries) => queries.lockUnused('namespace', [used, unused]));
    expect(new Set(free)).toEqual(new Set([used, unused]));

    let again: Promise<number[]> = Promise.resolve([]);
    await one.transaction(async (queries) => {
      await queries.lockUnused('namespace', [unused]);
      again = other.transaction((others) => others.ensureMany(NAMESPACES, [['unused', 'dpkg']]));
      await waiterOn(one);
      await queries.run('DELETE FROM namespace WHERE id = ?', [unused]);
    });
    const [made = 0] = await again;
    expect(made).toBeGreaterThan(unused);
    expect(await one.read.all('SELECT id FROM namespace ORDER BY id')).toEqual([{ id: used }, { id: made }]);
  });

  it('runs again when a referenced row was removed, and fails when that happens each time', async () => {
    const engine = await open(newPostgresSource());
    const [id = 0] = await engine.transaction((queries) => queries.ensureMany(NAMESPACES, [['n', 'dpkg']]));
    let runs = 0;
    const line = engine.transaction(async (queries) => {
      runs += 1;
      const [namespace] = runs === 1 ? [id + 99] : [id];
      await queries.run("INSERT INTO line (namespace, name, role) VALUES (?, 's', '')", [namespace ?? null]);
    });
    await line;
    expect(runs).toBe(2);
    const never = engine.transaction((queries) =>
      queries.run("INSERT INTO line (namespace, name, role) VALUES (99, 't', '')"),
    );
    await expect(never).rejects.toThrow(/foreign key/);
  });

  it('changes the version of the database at its end, in any instance', async () => {
    const source = newPostgresSource();
    const [one, other] = [await open(source), await open(source)];
    const seen = new Set([await one.version()]);
    for (const [at, engine] of [one, other].entries()) {
      await engine.transaction(async (queries) => {
        await queries.run(SET, [`${at}`, '']);
        seen.add(await one.version());
      });
      const after = await one.version();
      expect(seen).not.toContain(after);
      seen.add(after);
    }
  });

  it.each([
    ['one by one', 3],
    ['by COPY', 50],
  ])('accepts any text and bytes, %s', async (_how, count) => {
    const engine = await open(newPostgresSource());
    const texts = ['\\', '\\N', '\t\n\r\\t', '"quoted", {a}', "it's", '', 'é€𝄞', 'a?b $1'];
    const rows = Array.from({ length: count }, (_, at) => [`${at}`, texts[at % texts.length]!]);
    await engine.transaction((queries) => queries.insertMany(FLAGS, rows));
    const found = await engine.read.all<{ name: string; value: string }>('SELECT name, value FROM flag');
    expect(new Map(found.map(({ name, value }) => [name, value]))).toEqual(new Map(rows as [string, string][]));
    const contents = Array.from({ length: count }, (_, at) => [`${at}`, 1, Uint8Array.of(0, 92, 255, at)]);
    const target = { table: 'layer_contents', columns: ['digest', 'engine_version', 'contents'] };
    await engine.transaction((queries) => queries.insertMany(target, contents));
    const row = await engine.read.get<{ contents: Uint8Array }>(
      'SELECT contents FROM layer_contents WHERE digest = ?',
      ['2'],
    );
    expect([...row!.contents]).toEqual([0, 92, 255, 2]);
  });

  it('replaces U+0000, which PostgreSQL cannot store', async () => {
    const engine = await open(newPostgresSource());
    await engine.transaction((queries) =>
      queries.insertMany(
        FLAGS,
        Array.from({ length: 30 }, (_, at) => [`${at}\0`, '\0']),
      ),
    );
    await engine.transaction((queries) => queries.run(SET, ['one\0', '\0']));
    expect(await engine.read.get('SELECT value FROM flag WHERE name = ?', ['7\0'])).toEqual({ value: '\uFFFD' });
    expect(await engine.read.get('SELECT name FROM flag WHERE name = ?', ['one\uFFFD'])).toEqual({ name: 'one\uFFFD' });
  });

  it('explains what to do about a value too long for an index', async () => {
    const engine = await open(newPostgresSource());
    const name = Array.from({ length: 3000 }, (_, at) => String.fromCodePoint(0x4e_00 + ((at * 7919) % 20_000))).join(
      '',
    );
    const refused = engine.transaction((queries) => queries.run(SET, [name, '']));
    await expect(refused).rejects.toMatchObject({ code: 'database/value-too-long' });
  });

  it('cannot write through a read-only connection', async () => {
    const engine = await open(newPostgresSource());
    await expect(engine.read.run(SET, ['a', ''])).rejects.toThrow(/read-only/);
    await expect(engine.snapshot((queries) => queries.run(SET, ['a', '']))).rejects.toThrow(/read-only/);
  });
});

describe('a PostgreSQL database', () => {
  it('is created once when many instances start at the same time', async () => {
    const source = newPostgresSource();
    const engines = await Promise.all(Array.from({ length: 8 }, () => open(source)));
    await Promise.all(engines.map((engine, at) => engine.transaction((queries) => queries.run(SET, [`${at}`, '']))));
    expect(await flags(engines[0]!)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it('is rejected when a later release wrote it', async () => {
    const source = newPostgresSource();
    const engine = await open(source);
    await engine.transaction((queries) => queries.run('INSERT INTO schema_migration VALUES (?, ?)', [999, 0]));
    await expect(open(source)).rejects.toMatchObject({ code: 'database/newer-schema' });
  });

  it('is used without TLS if TLS is preferred and the server has none', async () => {
    const engine = await open(newPostgresSource().replace('sslmode=disable', 'sslmode=prefer'));
    expect(await flags(engine)).toEqual([]);
  });

  it.each<[string, (source: string) => string, RegExp]>([
    [
      'the password is wrong',
      (source) => source.replace('a-secret-of-the-tests', 'another-secret'),
      /password authentication failed/,
    ],
    ['the database does not exist', (source) => source.replace('/postgres?', '/none?'), /"none" does not exist/],
    ['TLS is required but not offered', (source) => source.replace('=disable', '=require'), /does not support SSL/],
    ['the connection is refused', (source) => source.replace(/:\d+\/postgres/, ':1/postgres'), /ECONNREFUSED/],
    [
      'the host does not exist',
      (source) => source.replace('127.0.0.1', 'no-such-host.invalid'),
      /no-such-host\.invalid/,
    ],
  ])('reports that %s, without the password', async (_what, changed, reason) => {
    const error: unknown = await open(changed(newPostgresSource()), { patience: 0 }).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'database/unavailable', message: expect.stringMatching(reason) });
    expect(error).toMatchObject({
      message: expect.stringMatching(/^the database postgres:\/\/clair@[\w.-]+:\d+\/\w+ is unavailable: /),
    });
    expect(String((error as Error).stack)).not.toContain('secret');
  });
});

describe('a PostgreSQL server that is temporarily unavailable', () => {
  const servers: PostgresServer[] = [];
  afterAll(async () => {
    for (const server of servers) {
      await server.stop();
      server.remove();
    }
  });

  it('is waited for at the start, reported as unavailable, and used again without a restart', async () => {
    const server = await startPostgres();
    servers.push(server);
    await server.stop();
    const starting = open(`${server.source}?sslmode=disable`, { patience: 30_000 });
    await server.start();
    const engine = await starting;
    await engine.transaction((queries) => queries.run(SET, ['kept', '']));
    expect(await flags(engine)).toEqual(['kept']);

    await server.stop();
    await expect(flags(engine)).rejects.toMatchObject({ code: 'database/unavailable' });
    const write = engine.transaction((queries) => queries.run(SET, ['lost', '']));
    await expect(write).rejects.toMatchObject({ code: 'database/unavailable' });

    await server.start();
    expect(await flags(engine)).toEqual(['kept']);
    await engine.transaction((queries) => queries.run(SET, ['new', '']));
    expect(await flags(engine)).toEqual(['kept', 'new']);
  });

  it('ends running transactions when it stops', async () => {
    const server = await startPostgres();
    servers.push(server);
    const engine = await open(`${server.source}?sslmode=disable`);
    const cut = engine.transaction(async (queries) => {
      await queries.run(SET, ['cut', '']);
      await server.stop();
      await queries.run(SET, ['off', '']);
    });
    await expect(cut).rejects.toMatchObject({ code: 'database/unavailable' });
    await server.start();
    expect(await flags(engine)).toEqual([]);
  });
});

describe('a closed engine', () => {
  it('keeps no connection', async () => {
    const source = newPostgresSource().replace('&search_path', '&application_name=closed&search_path');
    const engine = await openPostgres(source);
    await engine.read.get('SELECT 1');
    await engine.close();
    const other = await open(`${inject('postgres')}?sslmode=disable&search_path=public`);
    const count = "SELECT count(*) AS count FROM pg_stat_activity WHERE application_name = 'closed'";
    await expect.poll(() => other.read.get(count)).toEqual({ count: 0 });
  });
});

/** Returns a function that resolves for all callers after `size` calls; later calls do not wait. */
function meeting(size: number): () => Promise<void> {
  let come = 0;
  let begin: () => void;
  const all = new Promise<void>((resolve) => (begin = resolve));
  return async () => {
    come += 1;
    if (come >= size) begin();
    await all;
  };
}
