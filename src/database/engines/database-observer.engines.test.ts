import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newPostgresSource } from '../testing/stores.ts';
import type { DatabaseObserver, ObservedPool } from './database-observer.ts';
import type { Engine } from './engine.ts';
import { openStore } from '../open-store.ts';
import { openPostgres } from './postgres/engine.ts';

const seen: { queries: string[]; failures: string[] } = { queries: [], failures: [] };
const pools: ObservedPool[] = [];
const observer: DatabaseObserver = {
  asked: ({ query, milliseconds }) => void (milliseconds >= 0 && seen.queries.push(query)),
  failed: ({ kind }) => void seen.failures.push(kind),
  poolOpened: (pool) => void pools.push(pool),
  replicaOpened: () => undefined,
};

let engine: Engine;
beforeAll(async () => {
  engine = await openPostgres(newPostgresSource(), { observer });
});
afterAll(() => engine.close());
beforeEach(() => {
  [seen.queries, seen.failures] = [[], []];
});

it('receives queries by the names of the contracts, including failed queries', async () => {
  const store = await openStore({ type: 'postgres', source: newPostgresSource() }, { observer });
  await store.layers.find('none');
  await store.flags.set('a', 'b');
  await store.check();
  await expect(store.flags.set('a'.repeat(9000), 'b')).resolves.toBeUndefined();
  expect(seen.queries).toEqual(['layers.find', 'flags.set', 'check', 'flags.set']);
  await store.close();
});

it.each<[string, string, () => Promise<unknown>]>([
  ['a closed connection', 'connection', () => inTransaction('SELECT pg_terminate_backend(pg_backend_pid())')],
  [
    'a query that exceeds its timeout',
    'timeout',
    () => inTransaction('SET LOCAL statement_timeout = 1', 'SELECT pg_sleep(9)'),
  ],
  ['a write without permission', 'refused', () => engine.read.run('DELETE FROM flag')],
  [
    'a reference to a missing row',
    'conflict',
    () => inTransaction("INSERT INTO line (namespace, name, role) VALUES (-1, 'a', '')"),
  ],
  ['an invalid statement', 'other', () => inTransaction('nothing')],
])('receives %s: %s', async (_what, kind, fail) => {
  await expect(fail()).rejects.toBeInstanceOf(Error);
  expect(new Set(seen.failures)).toEqual(new Set([kind]));
});

it('does not receive errors of a transaction that are not from the database', async () => {
  await expect(engine.transaction(async () => await Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(seen.failures).toEqual([]);
});

it('reports busy connections and waiting queries', async () => {
  const writers = pools.find(({ name }) => name === 'writers');
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const running = Array.from({ length: 11 }, () => engine.transaction(async () => await opened));
  while (writers?.connections().busy !== 8) await engine.read.get('SELECT 1 AS alive');
  expect(writers.connections()).toEqual({ busy: 8, idle: 0, waiting: 3 });
  open();
  await Promise.all(running);
  expect(writers.connections()).toMatchObject({ busy: 0, waiting: 0 });
});

async function inTransaction(...statements: readonly string[]): Promise<void> {
  await engine.transaction(
    async (queries) => {
      for (const statement of statements) await queries.run(statement);
    },
    { once: true },
  );
}
