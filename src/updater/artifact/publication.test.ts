import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../database/contracts/store.ts';
import { createAdvisoryOrder } from '../../database/queries/vulnerabilities/advisory-order.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import { advisory } from '../../database/testing/packages.ts';
import { EXPORT_FEEDS } from '../testing/export-builder.ts';
import { createMemoryRegistry, type MemoryRegistry } from '../testing/memory-registry.ts';
import { readArtifact } from './artifact-reader.ts';
import { type PublishOptions, publishDatabase } from './publication.ts';

let registry: MemoryRegistry;
let store: Store;
beforeEach(async () => {
  registry = createMemoryRegistry();
  store = await memoryStore();
});
afterEach(async () => await store.close());

async function update(feed: 'debian' | 'other', scheme: 'dpkg' | 'rpm'): Promise<void> {
  const order = createAdvisoryOrder();
  order.add(advisory('CVE-2025-1', { package: 'openssl', fixed: '2' }));
  await store.vulnerabilities.update({
    feed,
    scheme,
    fetcherVersion: 1,
    advisories: order.advisories(),
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, skipped: 0, examples: [] },
    at: 1,
  });
  order.close();
}

async function publish(options: Partial<PublishOptions> = {}): Promise<readonly string[]> {
  const { writer } = registry;
  const to = { store, place: registry.place(), repository: 'registry.test/db', writer };
  const { signal } = new AbortController();
  await publishDatabase({ ...to, ...EXPORT_FEEDS, version: '1', now: () => 1, signal, ...options });
  return (await readArtifact(registry.place())).config.feeds.map(({ state }) => state.feed);
}

describe('publishDatabase', () => {
  it('refuses a database without feeds, such as the new database of a mistyped path', async () => {
    await expect(publish()).rejects.toMatchObject({ code: 'artifact/feeds-missing' });
    expect(registry.manifests.size).toBe(0);
  });

  it('refuses to remove feeds from the published database, unless the caller accepts the removal', async () => {
    await update('debian', 'dpkg');
    await update('other', 'rpm');
    expect(await publish()).toEqual(['debian', 'other']);
    const published = registry.manifests.get('latest');
    await store.close();
    store = await memoryStore();
    await update('debian', 'dpkg');
    await expect(publish()).rejects.toMatchObject({
      code: 'artifact/feeds-missing',
      message: expect.stringContaining('no data of other, and registry.test/db:latest does; --allow-shrink'),
    });
    expect(registry.manifests.get('latest')).toBe(published);
    expect(await publish({ allowShrink: true })).toEqual(['debian']);
  });

  it('ends a feed that this release does not support', async () => {
    await update('debian', 'dpkg');
    await update('other', 'rpm');
    await publish();
    const fetchers = EXPORT_FEEDS.fetchers.filter(({ id }) => id === 'debian');
    expect(await publish({ fetchers })).toEqual(['debian']);
  });
});
