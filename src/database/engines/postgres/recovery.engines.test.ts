import { setTimeout } from 'node:timers/promises';
import type { QueryConfig } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { type CutConnections, cutConnections } from '../../../bytes/testing/cut-connections.ts';
import { newPostgresSource } from '../../testing/stores.ts';
import type { Engine } from '../engine.ts';
import { parsePostgresAddress } from './address.ts';
import { type ConnectionPool, createConnectionPool } from './pool.ts';
import { readCatalog } from './catalog.ts';
import { openPostgres } from './engine.ts';
import { withinSnapshot } from './transactions/transactions.ts';

const closing: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).toReversed()) await each.close();
});

async function open(source: string): Promise<Engine> {
  const engine = await openPostgres(source);
  closing.push(engine);
  return engine;
}

async function cuttable(): Promise<[string, CutConnections]> {
  const source = newPostgresSource();
  const { port } = new URL(source);
  const cut = await cutConnections(Number(port));
  closing.push(cut);
  return [source.replace(`:${port}/`, `:${cut.port}/`), cut];
}

function poolOn(source: string, options: Partial<Parameters<typeof createConnectionPool>[1]> = {}): ConnectionPool {
  const pool = createConnectionPool(parsePostgresAddress(source), { size: 1, mode: 'write', ...options });
  closing.push(pool);
  return pool;
}

const SET = "INSERT INTO flag (name, value) VALUES (?, '')";
const flags = async ({ read }: Engine): Promise<string[]> =>
  (await read.all<{ name: string }>('SELECT name FROM flag ORDER BY name')).map(({ name }) => name);

describe('a transaction on PostgreSQL with an unknown outcome of its commit', () => {
  it.each([false, true])('is neither run again nor reported as rolled back (pipelined: %s)', async (pipelined) => {
    const [source, cut] = await cuttable();
    const engine = await open(source);
    let runs = 0;
    cut.cutAfter('COMMIT');
    const lost = engine.transaction(
      async (queries) => {
        runs += 1;
        await queries.get('SELECT 1 AS first');
        await queries.write(SET, ['stored']);
      },
      { pipelined },
    );
    await expect(lost).rejects.toMatchObject({
      code: 'database/unavailable',
      message: expect.stringMatching(/may or may not have been committed/),
    });
    expect(runs).toBe(1);
    await expect.poll(() => flags(engine)).toEqual(['stored']);
  });

  it('fails if one of its statements failed, even if that error was ignored', async () => {
    const engine = await open(newPostgresSource());
    const failed = engine.transaction(async (queries) => {
      await queries.run(SET, ['lost']);
      await queries.run('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(failed).rejects.toThrow('not committed');
    expect(await flags(engine)).toEqual([]);
  });
});

describe('a snapshot on PostgreSQL', () => {
  it('throws the error of the first failed query, although the queries after it fail too', async () => {
    const engine = await open(newPostgresSource());
    const failed = engine.snapshot(async ({ get }) => {
      get('SELECT 1 / 0 AS first').catch(() => undefined);
      await get('SELECT 2 AS second');
    });
    await expect(failed).rejects.toThrow('division by zero');
    expect(await engine.snapshot(({ get }) => get('SELECT 3 AS third'))).toEqual({ third: 3 });
  });

  it('fails if it could not begin, although its queries succeed', async () => {
    await poolOn(newPostgresSource(), { pipeline: true }).use(async (client) => {
      const catalog = await readCatalog(client);
      const sent: string[] = [];
      const failing = new Proxy(client, {
        get(target, name) {
          if (name !== 'query') return Reflect.get(target, name);
          return async (question: QueryConfig | string) => {
            const text = typeof question === 'string' ? question : question.text;
            sent.push(text);
            if (text.startsWith('BEGIN')) throw new Error('planted');
            return await target.query(question);
          };
        },
      });
      await expect(withinSnapshot(failing, catalog, ({ get }) => get('SELECT 1 AS one'))).rejects.toThrow('planted');
      expect(sent.slice(1)).toEqual(['SELECT 1 AS one', 'ROLLBACK']);
    });
  });
});

describe('a connection to PostgreSQL', () => {
  it('that went silent is replaced by a connection that responds', async () => {
    const [source, cut] = await cuttable();
    const pool = poolOn(source, { probe: { after: 0, timeout: 200 } });
    const pidOf = (): Promise<unknown> =>
      pool.use(async (client) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0]);
    const first = await pidOf();
    cut.freeze();
    const second = await pidOf();
    expect(second).not.toEqual(first);
    expect(await pidOf()).toEqual(second);
  });

  it('that went silent does not delay the close: its work fails and is rolled back', async () => {
    const [source, cut] = await cuttable();
    const engine = await openPostgres(source);
    let silent = (): void => undefined;
    const isSilent = new Promise<void>((resolve) => {
      silent = resolve;
    });
    const waiting = engine.transaction(async (queries) => {
      await queries.run(SET, ['lost']);
      cut.freeze();
      silent();
      await queries.run(SET, ['lost, too']);
    });
    const [outcome] = await Promise.allSettled([waiting, isSilent.then(() => engine.close())]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'database/unavailable' } });
    await expect(flags(engine)).rejects.toMatchObject({ code: 'database/unavailable' });
    expect(await flags(await open(source))).toEqual([]);
  });

  it.each([false, true])(
    'to a server that became read-only is closed, so that the next connection can reach the primary (pipelined: %s)',
    async (pipelined) => {
      const engine = await open(newPostgresSource());
      const set = (name: string): Promise<unknown> =>
        engine.transaction(
          async (queries) => {
            await queries.get('SELECT 1 AS first');
            await queries.write(SET, [name]);
          },
          { pipelined },
        );
      // The server behaves like a server that a failover made a standby.
      const standby = 'SET default_transaction_read_only = on';
      await engine.transaction((queries) => queries.get('SELECT 1 AS first').then(() => queries.write(standby)), {
        pipelined,
      });
      await expect(set('refused')).rejects.toMatchObject({ code: 'database/unavailable' });
      await set('taken');
      expect(await flags(engine)).toEqual(['taken']);
    },
  );

  it('that an administrator terminates fails only the running transaction', async () => {
    const engine = await open(newPostgresSource());
    const ended = engine.transaction(async (queries) => {
      await queries.run(SET, ['ended']);
      await queries.get('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(ended).rejects.toMatchObject({ code: 'database/unavailable' });
    await engine.transaction((queries) => queries.run(SET, ['next']));
    expect(await flags(engine)).toEqual(['next']);
  });

  it('is waited for while the server has no connection left, then reported as unavailable', async () => {
    const source = newPostgresSource();
    const role = `role_${new URL(source).searchParams.get('search_path')}`;
    const admin = poolOn(source);
    await admin.use((client) => client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'only-one' CONNECTION LIMIT 1`));
    closing.push({ close: async () => void (await admin.use((client) => client.query(`DROP ROLE ${role}`))) });
    const limited = source.replace(/\/\/clair:[^@]*@/, `//${role}:only-one@`);
    const holder = poolOn(limited);
    let waiting: Promise<unknown> = Promise.resolve();
    await holder.use(async () => {
      await expect(openPostgres(limited, { patience: 0 })).rejects.toMatchObject({
        code: 'database/unavailable',
        message: expect.stringMatching(/too many connections for role/),
      });
      waiting = poolOn(limited).use((client) => client.query('SELECT 1'));
      await setTimeout(300);
    });
    await holder.close();
    closing.splice(
      closing.findIndex((each) => each === holder),
      1,
    );
    await expect(waiting).resolves.toMatchObject({ rowCount: 1 });
  });
});
