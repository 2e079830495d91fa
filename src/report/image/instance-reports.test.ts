import { expect, it } from 'vitest';
import { memoryStore } from '../../database/testing/memory-store.ts';
import { createInstanceReports } from './instance-reports.ts';

it('has another basis for another age of stale feeds, so that stored counts become outdated', async () => {
  const store = await memoryStore();
  const bases = await Promise.all(
    [undefined, 1000, 2000, 1000].map((age) => createInstanceReports(store, [], age).basis()),
  );
  expect(new Set(bases).size).toBe(3);
  expect(bases[3]).toBe(bases[1]);
  await store.close();
});
