import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import { createFileIndexer, FILE_RULES_LEASE } from './file-indexer.ts';
import { type FileIndexing, startFileIndexing } from './file-indexing.ts';
import { affectedBy, madeUpImages, ruleAbout } from './testing/made-up-images.ts';

describe('the search for files of new rules', () => {
  let store: Store;
  let indexing: FileIndexing | undefined;
  const logged: string[] = [];
  beforeEach(async () => {
    store = await memoryStore();
    logged.length = 0;
    await madeUpImages(store).image('evil', [{ members: ['opt/evil'] }]);
  });
  afterEach(async () => {
    await indexing?.stop();
    await store.close();
  });

  /** Starts the job, and waits until it has checked for work a number of times. */
  async function looks(count: number, step = createFileIndexer(store).step, seen: Store = store): Promise<number> {
    let [left, finished] = [count, 0];
    await new Promise<void>((resolve) => {
      const log = (_: object, message: string): void => void logged.push(message);
      indexing = startFileIndexing({
        store: seen,
        step,
        finished: () => (finished += 1),
        log: { info: log, warn: log, error: log },
        async pause(_, signal) {
          left -= 1;
          if (left === 0) void indexing?.stop().then(resolve);
          await new Promise((next) => setImmediate(next));
          signal.throwIfAborted();
        },
      });
    });
    return finished;
  }

  it('starts at once, and wakes the notifier when rules apply', async () => {
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 1);
    expect(await looks(3)).toBe(1);
    expect(logged).toEqual(['file rules indexed']);
    expect(await affectedBy(store, 'EVIL-1')).toEqual(['evil']);
  });

  it('does nothing without rules', async () => {
    expect([await looks(3), logged]).toEqual([0, []]);
  });

  it('leaves the work to another instance that holds the lease', async () => {
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 1);
    await store.locks.acquire(FILE_RULES_LEASE, 'other', 60_000);
    expect(await looks(3)).toBe(0);
    expect(await store.fileRules.countPending()).toBe(1);
  });

  it('continues the work of an instance that died, without a write to the database', async () => {
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 1);
    let attempts = 0;
    const locks: Store['locks'] = {
      ...store.locks,
      async acquire(...lease) {
        attempts += 1;
        return attempts > 2 && (await store.locks.acquire(...lease));
      },
    };
    expect(await looks(5, undefined, { ...store, locks })).toBe(1);
    expect(await affectedBy(store, 'EVIL-1')).toEqual(['evil']);
  });

  it.each([new ClairError('database/unavailable', 'no'), new Error('a defect')])(
    'continues after %s',
    async (error) => {
      await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 1);
      const { step } = createFileIndexer(store);
      let failures = 1;
      const finished = await looks(6, async (lease) => {
        failures -= 1;
        if (failures >= 0) throw error;
        return await step(lease);
      });
      expect([finished, logged]).toEqual([1, ['indexing files failed', 'file rules indexed']]);
    },
  );
});
