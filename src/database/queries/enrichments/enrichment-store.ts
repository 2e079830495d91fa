import { type CveText, type EnrichmentKind, type Enrichments, nvdEntryOf } from '../../../model/enrichment.ts';
import type { Engine } from '../../engines/engine.ts';
import { updateEnrichments } from './enrichment-update.ts';
import type { EnrichmentStore } from '../../contracts/enrichments.ts';

/** Stores CVSS scores, EPSS scores and KEV entries of CVEs. */
export function createEnrichmentStore(engine: Engine): EnrichmentStore {
  return {
    update: (update) => updateEnrichments(engine, update),
    async ofCves(cves) {
      const found = new Map<string, Enrichments>();
      for (const { cve, kind, value } of await rowsOf(KINDS, cves)) {
        const enrichment = enrichmentOf(kind, value);
        if (enrichment !== undefined) found.set(cve, { ...found.get(cve), [kind]: enrichment });
      }
      return found;
    },
    async textsOf(cves) {
      const found = new Map<string, CveText>();
      for (const { cve, value } of await rowsOf(['cvss'], cves)) {
        const { scores: _scores, ...text } = nvdEntryOf(JSON.parse(value));
        if (Object.keys(text).length > 0) found.set(cve, text);
      }
      return found;
    },
  };

  async function rowsOf(kinds: readonly EnrichmentKind[], cves: readonly string[]): Promise<readonly EnrichmentRow[]> {
    const parameters = [JSON.stringify(kinds), JSON.stringify([...new Set(cves)])];
    return await engine.read.all<EnrichmentRow>(SELECT_ENRICHMENTS, parameters);
  }
}

/** Returns the part of a stored value that findings have; undefined for a CVE that the NVD lists without scores. */
function enrichmentOf(kind: EnrichmentKind, value: string): unknown {
  if (kind !== 'cvss') return JSON.parse(value);
  const { scores } = nvdEntryOf(JSON.parse(value));
  return scores.length === 0 ? undefined : scores;
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
