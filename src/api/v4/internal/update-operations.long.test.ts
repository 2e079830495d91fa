import { expect, it } from 'vitest';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import { advisory } from '../../../database/testing/packages.ts';
import { publish } from '../../../database/testing/store-content.ts';
import { startPlainApi } from '../../testing/plain-api.ts';
import { V4 } from '../family.ts';

it('the difference between two update operations is an error, not a part, above 10,000 changes', async () => {
  const store = await memoryStore();
  const server = await startPlainApi([V4], { store, knownFeeds: [{ name: 'debian', holds: 'vulnerabilities' }] });
  await publish(store, [advisory('CVE-1', { package: 'a', fixed: '2' }), advisory('CVE-3', { package: 'c' })], 3000);
  const many = Array.from({ length: 10_001 }, (_, at) =>
    advisory(`X-${String(at).padStart(5, '0')}`, { package: 'a' }),
  );
  await publish(store, many, 4000);
  const { debian } = (await server.inject('/matcher/api/v1/internal/update_operation')).json();
  const [newest, former] = debian.map(({ ref }: { readonly ref: string }) => ref);
  for (const query of [`cur=${newest}&prev=${former}`, `cur=${newest}`]) {
    const answer = await server.inject(`/matcher/api/v1/internal/update_diff?${query}`);
    expect([answer.statusCode, answer.json().message]).toEqual([
      400,
      expect.stringContaining('the difference is too large'),
    ]);
  }
  await server.close();
});
