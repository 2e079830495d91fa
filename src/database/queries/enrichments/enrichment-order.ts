import type { OrderedEnrichment } from '../../contracts/enrichments.ts';
import type { Enrichment } from '../../../model/enrichment.ts';
import { createTextStore, type StoredText } from '../vulnerabilities/text-store.ts';

/** How much of a list waits in memory, as JSON; what goes beyond waits in a temporary file. */
const MEMORY_BYTES = 32 * 1024 * 1024;

/**
 * Brings enrichments into the order that {@link EnrichmentStore.update} asks for. They wait outside of the database, which
 * hears nothing of a list before all of it was read and found good.
 */
export type EnrichmentOrder = {
  /** Of several enrichments of one CVE the last one counts: later files of a feed correct earlier ones. */
  readonly add: (enrichment: Enrichment) => void;
  /** By ascending CVE. Nothing may be added while they are read. */
  readonly enrichments: () => Iterable<OrderedEnrichment>;
  /** Deletes the temporary file, if there is one. */
  readonly close: () => void;
};

/**
 * Opens an empty order. Close it.
 *
 * @param memoryBytes how much may wait in memory
 */
export function createEnrichmentOrder(memoryBytes: number = MEMORY_BYTES): EnrichmentOrder {
  const values = new Map<string, StoredText | null>();
  const texts = createTextStore(memoryBytes);
  return {
    add({ cve, value }) {
      values.set(cve, value === undefined ? null : texts.put(JSON.stringify(value)));
    },
    *enrichments() {
      // By code units, which for the ASCII of identifiers is also byte by byte, as databases compare.
      for (const cve of [...values.keys()].toSorted()) {
        const stored = values.get(cve) ?? null;
        yield { cve, value: stored === null ? null : texts.get(stored) };
      }
    },
    close: texts.close,
  };
}
