import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

it('describes its own metrics with their labels', async () => {
  const metrics = createMetrics({
    version: '1.2.3',
    feeds: async () => [],
    database: async () => ({ space: { total: 0 } }),
    notifications: async () => ({ waiting: 0, delivered: 0, dead: 0 }),
    now: () => 0,
  });
  const descriptions = await metrics.descriptions();
  expect(descriptions.filter(({ name }) => !name.startsWith('clair_'))).toEqual([]);
  expect(descriptions).toContainEqual({
    name: 'clair_pgsql_connections',
    type: 'gauge',
    labels: ['pool', 'state'],
    help: expect.stringMatching(/ connections .*\.$/),
  });
});
