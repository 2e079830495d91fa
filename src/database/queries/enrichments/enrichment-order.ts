import type { OrderedEnrichment } from '../../contracts/enrichments.ts';
import type { Enrichment } from '../../../model/enrichment.ts';
import { createTextStore, type StoredText } from '../vulnerabilities/text-store.ts';

/** The maximum size of a list in memory, as JSON, in bytes; the rest of the list goes to a temporary file. */
const MEMORY_BYTES = 32 * 1024 * 1024;

/**
 * Sorts enrichments for {@link EnrichmentStore.update} outside the database, so that the database receives only a
 * complete and valid list.
 */
export type EnrichmentOrder = {
  /**
   * Adds an enrichment; replaces the previous enrichment of the same CVE, because later files of a feed correct earlier
   * files.
   */
  readonly add: (enrichment: Enrichment) => void;
  /** Returns the enrichments by ascending CVE; no enrichments may be added during the iteration. */
  readonly enrichments: () => Iterable<OrderedEnrichment>;
  /** Deletes the temporary file, if any. */
  readonly close: () => void;
};

/** Creates an order without enrichments. The caller must close the order. */
export function createEnrichmentOrder(memoryBytes: number = MEMORY_BYTES): EnrichmentOrder {
  const values = new Map<string, StoredText | null>();
  const texts = createTextStore(memoryBytes);
  return {
    add({ cve, value }) {
      values.set(cve, value === undefined ? null : texts.put(JSON.stringify(value)));
    },
    *enrichments() {
      // Sorts by code units, which for ASCII identifiers is the byte order of databases.
      for (const cve of [...values.keys()].toSorted()) {
        const stored = values.get(cve) ?? null;
        yield { cve, value: stored === null ? null : texts.get(stored) };
      }
    },
    close: texts.close,
  };
}
