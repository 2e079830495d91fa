import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { openStore } from '../../../database/open-store.ts';
import { distantServer } from '../../../database/testing/distant-server.ts';
import { advisory, deb } from '../../../database/testing/packages.ts';
import { publish } from '../../../database/testing/store-content.ts';
import { newLayer, newPostgresSource } from '../../../database/testing/stores.ts';
import { readLayerFacts } from './layer-facts.ts';

const LISTS = { packages: true, vulnerabilities: true };

it('a response about a layer of known packages takes one statement on PostgreSQL', async () => {
  const source = newPostgresSource();
  const distant = await distantServer(Number(new URL(source).port));
  const store = await openStore({ type: 'postgres', source: source.replace(/:\d+\//, `:${distant.port}/`) });
  await publish(store, [advisory('CVE-2099-0001', { package: 'a', namespace: 'debian:12' })], 1);
  const change = { path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;
  const changes = [deb('a', '1'), deb('unaffected', '1')].map((feature) => ({ ...change, feature }));
  const { name, engineVersion } = await store.layers.insert(newLayer('leaf', null, changes));
  // The first response opens the connection and fills the caches.
  await readLayerFacts(store, { name, engineVersion }, LISTS);
  const statements = vi.spyOn(pg.Client.prototype, 'query');
  distant.begin();
  try {
    const facts = await readLayerFacts(store, { name, engineVersion }, LISTS);
    expect(facts?.packages?.installed).toHaveLength(2);
    expect(facts?.vulnerabilities?.verdicts.matches).toHaveLength(1);
    expect(statements.mock.calls.length).toBe(1);
    expect(distant.trips()).toBe(1);
  } finally {
    statements.mockRestore();
    await store.close();
    distant.close();
  }
});

it('a layer of an older engine is returned as by LayerStore.find', async () => {
  const store = await openStore({ type: 'postgres', source: newPostgresSource() });
  try {
    const layer = await store.layers.insert(newLayer('leaf', null, []));
    const newer = { name: layer.name, engineVersion: layer.engineVersion + 1 };
    expect((await readLayerFacts(store, newer, LISTS))?.layer).toEqual(layer);
    expect(await readLayerFacts(store, { ...newer, name: 'none' }, LISTS)).toBeUndefined();
  } finally {
    await store.close();
  }
});
