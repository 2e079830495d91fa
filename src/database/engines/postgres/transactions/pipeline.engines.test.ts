import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newPostgresSource } from '../../../testing/stores.ts';
import type { Engine, InsertTarget, TransactionQueries } from '../../engine.ts';
import { openPostgres } from '../engine.ts';

const SET = "INSERT INTO flag (name, value) VALUES (?, '')";
const FAIL = 'SELECT 1 / 0 AS failed';
const FLAGS: InsertTarget = { table: 'flag', columns: ['name', 'value'] };

describe('a transaction on PostgreSQL whose statements wait together', () => {
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
      { alone: 'edits', together: true },
    );

  it('does not wait for a write, and reads what the write has stored', async () => {
    const found = await edit(async (queries) => {
      const [, row] = await Promise.all([
        queries.write(SET, ['a']),
        queries.get<{ count: number }>('SELECT COUNT(*) AS count FROM flag'),
      ]);
      return row?.count;
    });
    expect([found, await flags()]).toEqual([1, ['a']]);
  });

  it.each<[string, (queries: TransactionQueries) => Promise<unknown>]>([
    ['a write', (queries) => queries.write(FAIL)],
    ['an insertion', (queries) => queries.insertMany(FLAGS, [['a', '']])],
    ['a statement whose error is ignored', (queries) => queries.run(FAIL).catch(() => undefined)],
  ])('fails with the first error, and stores nothing, after the failure of %s', async (_, fail) => {
    await edit((queries) => queries.write(SET, ['a']));
    const failed = edit(async (queries) => {
      await queries.write(SET, ['b']);
      await fail(queries);
      await queries.write(SET, ['c']);
    });
    await expect(failed).rejects.toThrow(/division by zero|duplicate key/);
    const stopped = edit(async (queries) => {
      await fail(queries);
      await queries.get('SELECT 2 AS second');
    });
    await expect(stopped).rejects.toThrow(/division by zero|duplicate key/);
    expect(await flags()).toEqual(['a']);
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

  it.each([true, false])('runs no statement after its end (together: %s)', async (together) => {
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
      { together },
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
