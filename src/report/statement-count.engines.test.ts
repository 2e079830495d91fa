import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { openStore } from '../database/open-store.ts';
import { orderedAdvisories } from '../database/queries/vulnerabilities/advisory-order.ts';
import { advisory, deb } from '../database/testing/packages.ts';
import { newLayer, newPostgresSource } from '../database/testing/stores.ts';
import { reportImage } from './image/image-report.ts';

it('a report on PostgreSQL takes few statements, since each waits for the server', async () => {
  const store = await openStore({ type: 'postgres', source: newPostgresSource() });
  const change = { fetcherVersion: 1, etag: null, lastModified: null, at: 1, feed: 'debian', scheme: 'dpkg' } as const;
  const advisories = orderedAdvisories([advisory('CVE-2099-0001', { package: 'a' })]);
  await store.vulnerabilities.update({ ...change, recordDiagnostics: { count: 0, examples: [] }, advisories });
  const added = { feature: deb('a', '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;
  const layer = await store.layers.insert(newLayer('leaf', null, [added]));
  const image = { kind: 'oci', reference: 'a:1', digest: layer.digest, platform: 'linux/amd64', layers: [] };
  // The first report opens the connection.
  await reportImage(store, image, [layer], 5);
  const statements = vi.spyOn(pg.Client.prototype, 'query');
  try {
    const { findings } = await reportImage(store, image, [layer], 5);
    expect(findings).toHaveLength(1);
    // The statements include BEGIN and COMMIT.
    expect(statements.mock.calls.length).toBe(11);
  } finally {
    statements.mockRestore();
    await store.close();
  }
});
