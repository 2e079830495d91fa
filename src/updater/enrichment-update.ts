import { createEnrichmentOrder } from '../database/queries/enrichments/enrichment-order.ts';
import type { EnrichmentUpdate } from '../database/contracts/enrichments.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Enricher } from './enrichers/enricher.ts';
import type { FetchContext } from './feed/fetcher.ts';
import { readItems } from './advisories/grouped-items.ts';
import type { ProgressCounter } from './update-progress.ts';
import type { UpdateResult } from './update-result.ts';

export type EnrichmentUpdateOptions = {
  readonly store: Pick<Store, 'enrichments' | 'feeds'>;
  readonly counter: Pick<ProgressCounter, 'read' | 'storing'>;
  /** Returns milliseconds since 1970. */
  readonly now: () => number;
  /** The maximum loss of stored enrichments before the update is refused; unlimited when absent. */
  readonly bound?: Pick<EnrichmentUpdate, 'maxShrink'>;
};

/**
 * Updates the enrichments of an enricher. Stores either all new values or no values.
 *
 * @throws ClairError `bytes/…` or `feed/…`; the abort reason of the signal.
 */
export async function updateEnrichments(
  enricher: Enricher,
  context: FetchContext,
  { store, counter, now, bound = {} }: EnrichmentUpdateOptions,
): Promise<UpdateResult> {
  const outcome = await enricher.fetch(context);
  if (outcome.kind === 'not-modified') {
    await store.feeds.recordUnchanged(enricher.id, now());
    return outcome;
  }
  const { enrichments, scope, recordDiagnostics, validators } = outcome;
  const order = createEnrichmentOrder();
  try {
    await readItems(enrichments, (enrichment) => {
      context.signal?.throwIfAborted();
      order.add(enrichment);
      counter.read();
    });
    const counts = await store.enrichments.update({
      feed: enricher.id,
      kind: enricher.kind,
      fetcherVersion: enricher.version,
      enrichments: counter.storing(order.enrichments()),
      ...(scope !== undefined && { scope }),
      etag: validators.etag ?? null,
      lastModified: validators.lastModified ?? null,
      recordDiagnostics,
      at: now(),
      ...bound,
    });
    return { kind: 'updated', counts, recordDiagnostics };
  } finally {
    order.close();
  }
}
