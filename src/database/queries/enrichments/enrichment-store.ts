import type { EnrichmentKind, Enrichments } from '../../../model/enrichment.ts';
import type { Engine } from '../../engines/engine.ts';
import { updateEnrichments } from './enrichment-update.ts';
import type { EnrichmentStore } from '../../contracts/enrichments.ts';

/** Stores CVSS scores, EPSS scores and KEV entries of CVEs. */
export function createEnrichmentStore(engine: Engine): EnrichmentStore {
  return {
    update: (update) => updateEnrichments(engine, update),
    async ofCves(cves) {
      const rows = await engine.read.all<EnrichmentRow>(SELECT_ENRICHMENTS, [
        JSON.stringify(KINDS),
        JSON.stringify([...new Set(cves)]),
      ]);
      const found = new Map<string, Enrichments>();
      for (const { cve, kind, value } of rows) found.set(cve, { ...found.get(cve), [kind]: JSON.parse(value) });
      return found;
    },
  };
}

const KINDS: readonly EnrichmentKind[] = ['cvss', 'epss', 'kev'];

type EnrichmentRow = { readonly cve: string; readonly kind: EnrichmentKind; readonly value: string };

/** Parameters: the kinds and the CVEs, each as a JSON list. */
export const SELECT_ENRICHMENTS: string = `
SELECT enrichment.cve, enrichment.kind, enrichment.value
FROM json_each(?) AS wanted_kind
  CROSS JOIN json_each(?) AS wanted
  CROSS JOIN enrichment
WHERE enrichment.kind = wanted_kind.value AND enrichment.cve = wanted.value`;
