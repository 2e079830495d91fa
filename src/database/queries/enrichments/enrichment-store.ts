import { type CveText, type EnrichmentKind, nvdEntryOf } from '../../../model/enrichment.ts';
import type { Engine } from '../../engines/engine.ts';
import type { RowKind } from './enrichment-rows.ts';
import { updateEnrichments } from './enrichment-update.ts';
import type { EnrichmentStore } from '../../contracts/enrichments.ts';

/** Stores CVSS scores, EPSS scores, KEV entries and NVD texts of CVEs. */
export function createEnrichmentStore(engine: Engine): EnrichmentStore {
  return {
    update: (update) => updateEnrichments(engine, update),
    async ofCves(cves) {
      const found = new Map<string, Record<string, unknown>>();
      for (const { cve, kind, value } of await rowsOf(KINDS, cves)) {
        // The NVD lists some CVEs without scores.
        if (value === '[]') continue;
        const known = found.get(cve);
        if (known === undefined) found.set(cve, { [kind]: valueOfRow(kind, value) });
        else known[kind] = valueOfRow(kind, value);
      }
      return found;
    },
    async textsOf(cves) {
      const rows = await rowsOf(['text'], cves);
      return new Map(rows.map(({ cve, value }): [string, CveText] => [cve, JSON.parse(value)]));
    },
  };

  async function rowsOf(kinds: readonly RowKind[], cves: readonly string[]): Promise<readonly FoundRow[]> {
    const parameters = [JSON.stringify(kinds), JSON.stringify([...new Set(cves)])];
    return await engine.read.all<FoundRow>(SELECT_ENRICHMENTS, parameters);
  }
}

/** Returns the value of a row. An older release that runs during an upgrade stores the texts beside the scores. */
function valueOfRow(kind: RowKind, value: string): unknown {
  const parsed = JSON.parse(value);
  return kind === 'cvss' ? nvdEntryOf(parsed).scores : parsed;
}

const KINDS: readonly EnrichmentKind[] = ['cvss', 'epss', 'kev'];

type FoundRow = { readonly cve: string; readonly kind: RowKind; readonly value: string };

/** Parameters: the kinds and the CVEs, each as a JSON list. */
export const SELECT_ENRICHMENTS: string = `
SELECT enrichment.cve, enrichment.kind, enrichment.value
FROM json_each(?) AS wanted_kind
  CROSS JOIN json_each(?) AS wanted
  CROSS JOIN enrichment
WHERE enrichment.kind = wanted_kind.value AND enrichment.cve = wanted.value`;
