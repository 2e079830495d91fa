import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { afterAll, expect, it } from 'vitest';
import { type PoolOnDemand, poolOnDemand } from './pool-on-demand.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-pool-on-demand-'));
const ADDITION = join(folder, 'addition.mjs');
const UNENDING_TASK = join(folder, 'unending-task.mjs');
writeFileSync(ADDITION, 'export default ([a, b]) => a + b;');
writeFileSync(UNENDING_TASK, 'export default async () => await new Promise(() => {});');

afterAll(() => rmSync(folder, { recursive: true }));

type Loading = { readonly pool: PoolOnDemand<readonly number[], number>; readonly loads: () => number };

/** Returns a pool that loads Piscina by the given function, and the number of its loads. */
function countedPool(filename: string, load = async () => await Promise.resolve({ Piscina })): Loading {
  let loads = 0;
  const pool = poolOnDemand<readonly number[], number>(
    { filename, minThreads: 0, maxThreads: 1, execArgv: [] },
    undefined,
    async () => {
      loads += 1;
      return await load();
    },
  );
  return { pool, loads: () => loads };
}

it('loads Piscina once, with the first task', async () => {
  const { pool, loads } = countedPool(ADDITION);
  expect(loads()).toBe(0);
  expect(await Promise.all([pool.run([1, 2]), pool.run([3, 4])])).toEqual([3, 7]);
  expect(loads()).toBe(1);
  await pool.destroy();
});

it('loads nothing when it is destroyed before the first task', async () => {
  const { pool, loads } = countedPool(ADDITION);
  await pool.destroy();
  expect(loads()).toBe(0);
});

it('rejects a task that begins just before the pool is destroyed', async () => {
  const { pool } = countedPool(UNENDING_TASK);
  await Promise.all([expect(pool.run([])).rejects.toThrow('Terminating worker thread'), pool.destroy()]);
});

it('rejects a task whose signal aborts during the load', async () => {
  const { pool } = countedPool(UNENDING_TASK);
  const controller = new AbortController();
  const task = pool.run([], { signal: controller.signal });
  controller.abort();
  await expect(task).rejects.toThrow('The task has been aborted');
  await pool.destroy();
});

it('rejects the tasks of a failed load, and loads again with the next task', async () => {
  const failures = [new Error('cannot load Piscina')];
  const { pool, loads } = countedPool(ADDITION, async () => {
    const failure = failures.pop();
    if (failure !== undefined) throw failure;
    return await Promise.resolve({ Piscina });
  });
  const rejected = Promise.all([1, 2].map(async () => await expect(pool.run([])).rejects.toThrow('cannot load')));
  await pool.destroy();
  await rejected;
  expect(loads()).toBe(1);
  expect(await pool.run([1, 2])).toBe(3);
  expect(loads()).toBe(2);
  await pool.destroy();
});
