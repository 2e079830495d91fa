import type { CveText, EnrichmentKind, Enrichments } from '../../../model/enrichment.ts';
import type { Engine } from '../../engines/engine.ts';
import type { CachedReads } from '../cached/cached-reads.ts';
import { createListReader, SELECT_ENRICHMENTS, selectValues, type ValueLists, valueLists } from './enrichment-lists.ts';
import { updateEnrichments } from './enrichment-update.ts';
import type { EnrichmentStore } from '../../contracts/enrichments.ts';

/**
 * Stores CVSS scores, EPSS scores, KEV entries and NVD texts of CVEs.
 *
 * @param cached the reads with caches; without caches when absent
 */
export function createEnrichmentStore(engine: Engine, cached?: CachedReads): EnrichmentStore {
  return {
    update: (update) => updateEnrichments(engine, update),
    async ofCves(cves) {
      const known = await cached?.enrichments?.(cves);
      if (known !== undefined) return known;
      const found = new Map<string, Enrichments>();
      const readList = createListReader();
      for await (const lists of valueLists<ValueLists<EnrichmentKind>>(engine.read, SELECT_ENRICHMENTS, cves)) {
        readList(lists, (cve, of) => {
          if (of !== undefined) found.set(cve, of);
        });
      }
      return found;
    },
    async textsOf(cves) {
      const texts = new Map<string, CveText>();
      for await (const { cve, text } of valueLists<ValueLists<'text'>>(engine.read, SELECT_CVE_TEXTS, cves)) {
        const names: readonly string[] = JSON.parse(cve);
        const values: readonly (CveText | null)[] = JSON.parse(text);
        for (const [at, name] of names.entries()) {
          const value = values[at] ?? null;
          if (value !== null) texts.set(name, value);
        }
      }
      return texts;
    },
  };
}

/** {@link selectValues} for the texts. */
const SELECT_CVE_TEXTS = selectValues(['text']);
