import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newPostgresSource } from '../../../testing/stores.ts';
import type { Engine, InsertTarget, TransactionQueries } from '../../engine.ts';
import { openPostgres } from '../engine.ts';

const SET = "INSERT INTO flag (name, value) VALUES (?, '')";
const FAIL = 'SELECT 1 / 0 AS failed';
const FLAGS: InsertTarget = { table: 'flag', columns: ['name', 'value'] };
const CHANGES: InsertTarget = { table: 'change_log', columns: ['feed', 'name', 'kind', 'at'], inOrderOfCommit: true };

describe('a pipelined transaction on PostgreSQL', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await openPostgres(newPostgresSource());
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await engine.close();
  });

  const flags = async (): Promise<string[]> =>
    (await engine.read.all<{ name: string }>('SELECT name FROM flag ORDER BY name')).map(({ name }) => name);

  const edit = <T>(work: (queries: TransactionQueries) => Promise<T>): Promise<T> =>
    engine.transaction(
      async (queries) => {
        await queries.get('SELECT 1 AS first');
        return await work(queries);
      },
      { alone: 'edits', pipelined: true },
    );

  it('does not wait for a write, and reads what the write has stored', async () => {
    await edit((queries) => queries.write(SET, ['a']));
    let release = (): void => undefined;
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    let locked = (): void => undefined;
    const isLocked = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const holder = engine.transaction(async (queries) => {
      await queries.run("UPDATE flag SET value = 'held'");
      locked();
      await isReleased;
    });
    await isLocked;
    const found = await edit(async (queries) => {
      // The server answers only after the holder has ended.
      await queries.write("UPDATE flag SET value = value || ', written'");
      release();
      return await queries.get('SELECT value FROM flag');
    });
    await holder;
    expect(found).toEqual({ value: 'held, written' });
  });

  // The second run finds its statements prepared, and its errors arrive together.
  it.each<[string, (queries: TransactionQueries) => Promise<unknown>]>([
    ['a write', (queries) => queries.write(FAIL)],
    ['an insertion', (queries) => queries.insertMany(FLAGS, [['a', '']])],
    ['a statement whose error is ignored', (queries) => queries.run(FAIL).catch(() => undefined)],
  ])('fails with the first error, and stores nothing, after the failure of %s', async (_, fail) => {
    await edit((queries) => queries.write(SET, ['a']));
    for (const run of [1, 2, 3]) {
      const failed = edit(async (queries) => {
        await queries.write(SET, ['b']);
        await fail(queries);
        await queries.write(SET, ['c']);
        await queries.insertMany(CHANGES, [['s', `row ${run}`, 'added', 0]]);
      });
      await expect(failed).rejects.toThrow(/division by zero|duplicate key/);
      const stopped = edit(async (queries) => {
        await fail(queries);
        await queries.get('SELECT 2 AS second');
      });
      await expect(stopped).rejects.toThrow(/division by zero|duplicate key/);
    }
    expect(await flags()).toEqual(['a']);
  });

  it('stores nothing if the client cannot send one of its statements', async () => {
    const unknown: InsertTarget = { table: 'flag', columns: ['name', 'nonsense'] };
    const failed = edit(async (queries) => {
      await queries.write(SET, ['a']);
      await queries.insertMany(unknown, [['b', '']]);
    });
    await expect(failed).rejects.toThrow('no column flag.nonsense');
    const unsendable = edit(async (queries) => {
      await queries.write(SET, ['a']);
      const value: unknown = {
        toPostgres() {
          throw new Error('no value');
        },
      };
      await queries.write(SET, [value as string]);
    });
    await expect(unsendable).rejects.toThrow('no value');
    expect(await flags()).toEqual([]);
  });

  it('stores writes that it does not wait for', async () => {
    await engine.transaction(
      async (queries) => {
        void queries.get('SELECT 1 AS first');
        void queries.write(SET, ['a']);
      },
      { pipelined: true },
    );
    expect(await flags()).toEqual(['a']);
  });

  it('runs statements in the order of the calls, also those that wait for its begin', async () => {
    const order = await engine.transaction(
      async (queries) => {
        const append = async (letter: string): Promise<void> => {
          await queries.write('UPDATE flag SET value = value || ?', [letter]);
        };
        await Promise.all([
          queries.write(SET, ['a']),
          append('1').then(() => append('3')),
          append('2'),
          queries.get('SELECT 1 AS first').then(() => append('4')),
        ]);
        return await queries.get('SELECT value FROM flag');
      },
      { pipelined: true },
    );
    expect(order).toEqual({ value: '1234' });
  });

  it('that the server ends is not reported as perhaps committed', async () => {
    const ended = edit((queries) => queries.write('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(ended).rejects.toMatchObject({
      code: 'database/unavailable',
      message: expect.stringMatching(/terminating connection/),
    });
  });

  it('inserts more rows than one statement has, without COPY', async () => {
    const rows = Array.from({ length: 12_000 }, (_, at) => [`flag ${at}`, '']);
    await edit((queries) => queries.insertMany(FLAGS, rows));
    expect(await flags()).toHaveLength(12_000);
  });

  it('stores nothing when its work fails', async () => {
    const failed = edit(async (queries) => {
      await queries.write(SET, ['a']);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await flags()).toEqual([]);
  });

  it.each([true, false])('runs no statement after its end (pipelined: %s)', async (pipelined) => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let late: Promise<unknown> = Promise.resolve();
    const failed = engine.transaction(
      async (queries) => {
        await queries.get('SELECT 1 AS first');
        late = ended.then(() => queries.write(SET, ['late'])).then(() => queries.run(SET, ['later']));
        late.catch(() => undefined);
        throw new Error('no');
      },
      { pipelined },
    );
    await expect(failed).rejects.toThrow('no');
    end();
    await expect(late).rejects.toThrow('after the end of its transaction');
    expect(await flags()).toEqual([]);
  });

  it('writes nothing if it could not begin', async () => {
    const query: (...values: unknown[]) => unknown = Reflect.get(pg.Client.prototype, 'query');
    vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...values: unknown[]) {
      const [asked] = values;
      const isBegin = typeof asked === 'object' && asked !== null && 'text' in asked && asked.text === 'BEGIN';
      return Reflect.apply(query, this, isBegin ? [FAIL] : values);
    });
    const failed = edit(async (queries) => {
      await queries.write(SET, ['a']);
      await queries.insertMany(FLAGS, [['b', '']]);
    });
    await expect(failed).rejects.toThrow('division by zero');
    expect(await flags()).toEqual([]);
  });

  it('runs again when PostgreSQL aborts it because of a conflict', async () => {
    let runs = 0;
    await edit(async (queries) => {
      runs += 1;
      if (runs === 1) await queries.write("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$");
      await queries.write(SET, [`run ${runs}`]);
    });
    expect(await flags()).toEqual(['run 2']);
  });
});
