import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { openStore } from '../database/open-store.ts';
import { orderedAdvisories } from '../database/queries/vulnerabilities/advisory-order.ts';
import { distantServer } from '../database/testing/distant-server.ts';
import { advisory, deb } from '../database/testing/packages.ts';
import { newLayer, newPostgresSource } from '../database/testing/stores.ts';
import { reportImage } from './image/image-report.ts';

it('a report on PostgreSQL takes few statements, and fewer round trips', async () => {
  const source = newPostgresSource();
  const distant = await distantServer(Number(new URL(source).port));
  const store = await openStore({ type: 'postgres', source: source.replace(/:\d+\//, `:${distant.port}/`) });
  const change = { fetcherVersion: 1, etag: null, lastModified: null, at: 1, feed: 'debian', scheme: 'dpkg' } as const;
  const advisories = orderedAdvisories([advisory('CVE-2099-0001', { package: 'a' })]);
  await store.vulnerabilities.update({ ...change, recordDiagnostics: { count: 0, examples: [] }, advisories });
  const added = { feature: deb('a', '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;
  const layer = await store.layers.insert(newLayer('leaf', null, [added]));
  const image = { kind: 'oci', reference: 'a:1', digest: layer.digest, platform: 'linux/amd64', layers: [] };
  // The first report opens the connection.
  await reportImage(store, image, [layer], 5);
  const statements = vi.spyOn(pg.Client.prototype, 'query');
  distant.begin();
  try {
    const { findings } = await reportImage(store, image, [layer], 5);
    expect(findings).toHaveLength(1);
    // The statements include BEGIN and COMMIT. The caches contain the enrichments, the states of the feeds and the feeds
    // of the namespace; the statement for the packages returns the files too.
    expect(statements.mock.calls.length).toBe(6);
    expect(distant.trips()).toBeLessThanOrEqual(MAX_TRIPS);
  } finally {
    statements.mockRestore();
    await store.close();
    distant.close();
  }
});

/**
 * The maximum number of round trips. One round trip is for BEGIN and the statements without dependencies, and one for
 * COMMIT, because the caches contain the rest; one more is a margin.
 */
const MAX_TRIPS = 3;
