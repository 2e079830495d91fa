import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../database/contracts/store.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import { EXPORT_FEEDS } from '../testing/export-builder.ts';
import { kevStore } from '../testing/kev-store.ts';
import { createMemoryRegistry } from '../testing/memory-registry.ts';
import { readArtifact } from './artifact-reader.ts';
import { type PulledFeed, pullFeeds } from './database-pull.ts';
import { publishDatabase } from './publication.ts';

const registry = createMemoryRegistry();
const { signal } = new AbortController();
const OTHER = 'another process';

let store: Store;
let waits: string[];
beforeEach(async () => {
  const published = await kevStore();
  const to = { place: registry.place(), repository: 'registry.test/db', writer: registry.writer };
  await publishDatabase({ store: published, ...to, ...EXPORT_FEEDS, version: '1', now: () => 1, signal });
  await published.close();
  store = await memoryStore();
  waits = [];
  expect(await store.locks.acquire('update:cisa', OTHER, 60_000)).toBe(true);
});
afterEach(async () => await store.close());

async function pull(ms: number): Promise<PulledFeed | undefined> {
  const place = registry.place();
  const lockWait = { ms, started: (feed: string) => void waits.push(feed) };
  const known = EXPORT_FEEDS.enrichers;
  const options = { store, place, artifact: await readArtifact(place), known, lockWait, signal };
  for await (const each of pullFeeds(options)) return each;
  return undefined;
}

it('two pulls that wait for another process store the data once', async () => {
  const both = Promise.all([pull(60_000), pull(60_000)]);
  await expect.poll(() => waits, { timeout: 10_000 }).toEqual(['cisa', 'cisa']);
  await store.locks.release('update:cisa', OTHER);
  expect((await both).map((each) => each?.kind ?? '').toSorted()).toEqual(['unchanged', 'updated']);
});

it('a pull waits only a limited time', async () => {
  expect(await pull(400)).toMatchObject({ kind: 'failed', error: { code: 'update/locked' } });
  expect(waits).toEqual(['cisa']);
});
