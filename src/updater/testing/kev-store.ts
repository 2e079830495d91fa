import type { Store } from '../../database/contracts/store.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import { EXPORT_FEEDS } from './export-builder.ts';

/** Opens a store in memory with one feed, the empty `cisa` of {@link EXPORT_FEEDS}, because a publication needs a feed. */
export async function kevStore(): Promise<Store> {
  const store = await memoryStore();
  const [{ id: feed, kind }] = EXPORT_FEEDS.enrichers;
  const recordDiagnostics = { count: 0, skipped: 0, examples: [] };
  const about = { feed, kind, fetcherVersion: 1, etag: null, lastModified: null, recordDiagnostics, at: 1 };
  await store.enrichments.update({ ...about, enrichments: noEnrichments() });
  return store;
}

async function* noEnrichments(): AsyncGenerator<never> {}
