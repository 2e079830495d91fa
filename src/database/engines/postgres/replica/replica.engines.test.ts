import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../testing/postgres-server.ts';
import { startStandby } from '../../../testing/postgres-standby.ts';
import { createIgnoreRuleStore } from '../../../queries/ignore-rule-store.ts';
import type { Engine } from '../../engine.ts';
import type { Question } from '../../question.ts';
import { openPostgres } from '../engine.ts';
import { replicationMemory } from './replication-state.ts';

const WITHOUT_DISK = ['fsync=off', 'full_page_writes=off', 'autovacuum=off', 'wal_receiver_status_interval=1s'];

/** A list query, because the lookup of a single missing row is repeated on the primary. */
const LIST = 'SELECT name FROM flag WHERE name = ?';

let primary: PostgresServer;
let standby: PostgresServer;
beforeAll(async () => {
  primary = await startPostgres({ settings: WITHOUT_DISK });
  standby = await startStandby(primary, WITHOUT_DISK);
});
afterAll(async () => {
  for (const server of [standby, primary]) {
    await server.stop();
    server.remove();
  }
});

type Instance = {
  readonly engine: Engine;
  /** Runs `work` as one question; `by` names the servers that answered. */
  readonly ask: <T>(work: () => Promise<T>) => Promise<{ readonly answer: T; readonly by: string }>;
  readonly write: (name: string) => Promise<void>;
};

const closing: Engine[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

async function openInstance({ replica = standby.source, maxLag = 60_000 } = {}): Promise<Instance> {
  const questions = new AsyncLocalStorage<Question>();
  const engine = await openPostgres(`${primary.source}?sslmode=disable`, {
    replica: { source: `${replica}?sslmode=disable`, maxLag, memory: replicationMemory() },
    questions,
    replicaChanged: () => undefined,
  });
  closing.push(engine);
  const counts = (): { replica: number; primary: number } => engine.replica?.().answers ?? { replica: 0, primary: 0 };
  return {
    engine,
    async ask(work) {
      const before = counts();
      const answer = await questions.run({ usesPrimary: false }, work);
      const after = counts();
      const by = (['replica', 'primary'] as const).filter((server) => after[server] > before[server]);
      return { answer, by: by.join(' and ') };
    },
    write: async (name) =>
      await engine.transaction(
        async ({ run }) => void (await run("INSERT INTO flag (name, value) VALUES (?, '')", [name])),
      ),
  };
}

const namesOf = async ({ engine, ask }: Instance, name: string): ReturnType<typeof ask<unknown>> =>
  await ask(async () => await engine.read.all(LIST, [name]));

async function onStandby(statement: string): Promise<void> {
  const client = new pg.Client(`${standby.source}?sslmode=disable`);
  await client.connect();
  await client.query(statement);
  await client.end();
}

const stateOf = ({ engine }: Instance): string | undefined => engine.replica?.().state;

describe('a question', { timeout: 30_000 }, () => {
  it('about the revision of the ignore rules is answered by the replica, even before the first rule', async () => {
    const { engine, ask } = await openInstance();
    const rules = createIgnoreRuleStore(engine);
    // The primary answers until the replica has the migrations.
    await expect.poll(() => ask(() => rules.revision())).toEqual({ answer: 0, by: 'replica' });
  });

  it('is answered by the replica, and everything else by the primary', async () => {
    const instance = await openInstance();
    await instance.write('first');
    // The primary answers until the replica has the commit.
    await expect.poll(() => namesOf(instance, 'first')).toEqual({ answer: [{ name: 'first' }], by: 'replica' });
    const recovery = async (): Promise<unknown> =>
      await instance.engine.snapshot(({ get }) => get('SELECT pg_is_in_recovery() AS standby'));
    expect(await instance.ask(recovery)).toEqual({ answer: { standby: true }, by: 'replica' });
    expect(await recovery()).toEqual({ standby: false });
  });

  it('sees each commit of its instance', async () => {
    const instance = await openInstance();
    for (let turn = 0; turn < 100; turn += 1) {
      await instance.write(`own ${turn}`);
      expect((await namesOf(instance, `own ${turn}`)).answer).toEqual([{ name: `own ${turn}` }]);
    }
    expect(instance.engine.replica?.().answers.replica).toBeGreaterThan(10);
  });

  it('has a version that changes with each commit', async () => {
    const instance = await openInstance();
    const version = async (): Promise<number> => (await instance.ask(() => instance.engine.version())).answer;
    const first = await version();
    expect(await version()).toBe(first);
    await instance.write('version');
    const second = await version();
    expect(second).not.toBe(first);
    const other = await openInstance();
    await other.write('version of another instance');
    await expect.poll(version).not.toBe(second);
  });

  it('that writes reads the primary from then on', async () => {
    const instance = await openInstance();
    const { by } = await instance.ask(async () => {
      await instance.write('within');
      return await instance.engine.read.all(LIST, ['within']);
    });
    expect(by).toBe('primary');
  });
});

describe('a replica that is behind', { timeout: 30_000 }, () => {
  afterEach(async () => await onStandby('SELECT pg_wal_replay_resume()'));

  it('does not hide a commit of the instance, and is used again when it has caught up', async () => {
    const instance = await openInstance();
    await onStandby('SELECT pg_wal_replay_pause()');
    await instance.write('unreplayed');
    expect(await namesOf(instance, 'unreplayed')).toEqual({ answer: [{ name: 'unreplayed' }], by: 'primary' });
    await expect.poll(() => stateOf(instance), { timeout: 5000 }).toBe('behind');
    expect(instance.engine.replica?.().lag).toBeGreaterThan(0);
    await onStandby('SELECT pg_wal_replay_resume()');
    await expect.poll(() => stateOf(instance), { timeout: 5000 }).toBe('serving');
    expect(await namesOf(instance, 'unreplayed')).toEqual({ answer: [{ name: 'unreplayed' }], by: 'replica' });
  });

  it('hides a commit of another instance in lists until the maximum lag, but not as a missing row', async () => {
    const [instance, other] = [await openInstance({ maxLag: 3000 }), await openInstance()];
    await onStandby('SELECT pg_wal_replay_pause()');
    await other.write('of another');
    expect(await namesOf(instance, 'of another')).toEqual({ answer: [], by: 'replica' });
    const { answer } = await instance.ask(() => instance.engine.read.get(LIST, ['of another']));
    expect(answer).toEqual({ name: 'of another' });
    await expect
      .poll(async () => await namesOf(instance, 'of another'), { timeout: 12_000 })
      .toEqual({ answer: [{ name: 'of another' }], by: 'primary' });
  });
});

describe('a replica that is lost', { timeout: 30_000 }, () => {
  it('is replaced by the primary until it is back', async () => {
    const instance = await openInstance();
    await instance.write('kept');
    await standby.kill();
    expect(await namesOf(instance, 'kept')).toEqual({ answer: [{ name: 'kept' }], by: 'primary' });
    await expect.poll(() => stateOf(instance), { timeout: 5000 }).toBe('unavailable');
    await standby.start();
    await expect.poll(() => stateOf(instance), { timeout: 10_000 }).toBe('serving');
    expect(await namesOf(instance, 'kept')).toEqual({ answer: [{ name: 'kept' }], by: 'replica' });
  });

  it('does not prevent the start of an instance', async () => {
    const instance = await openInstance({ replica: 'postgres://clair@127.0.0.1:1/postgres' });
    expect(await namesOf(instance, 'kept')).toMatchObject({ by: 'primary' });
    expect(instance.engine.replica?.()).toMatchObject({
      state: 'unavailable',
      error: expect.stringMatching(/ECONNREFUSED/),
    });
  });
});

it('a database that is not a replica answers no question', async () => {
  const instance = await openInstance({ replica: inject('postgres') });
  expect(await namesOf(instance, 'kept')).toMatchObject({ by: 'primary' });
  expect(instance.engine.replica?.()).toMatchObject({
    state: 'unavailable',
    error: expect.stringMatching(/not a replica of database.source/),
  });
});
