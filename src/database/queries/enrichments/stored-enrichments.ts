import type { StoredEnrichment } from '../../contracts/feed-snapshot.ts';
import type { EnrichmentKind } from '../../../model/enrichment.ts';
import type { Queries } from '../../engines/engine.ts';
import { type StoredRows, storedRows } from '../stored-rows.ts';
import { nvdValue } from './enrichment-rows.ts';

/** Reads the stored enrichments of a kind by ascending CVE. */
export function storedEnrichments(queries: Queries, kind: EnrichmentKind): StoredRows<StoredEnrichment> {
  return storedRows(
    async (after, limit) => {
      const page = await queries.all<StoredEnrichment>(SELECT_STORED, [kind, after, limit]);
      const last = page.at(-1);
      return kind === 'cvss' && last !== undefined ? await withTexts(queries, page, [after, last.cve]) : page;
    },
    ({ cve }) => cve,
  );
}

/** Adds the texts to a page of NVD entries. @param between the parameters of {@link SELECT_TEXTS} */
async function withTexts(
  queries: Queries,
  page: readonly StoredEnrichment[],
  between: readonly [string, string],
): Promise<readonly StoredEnrichment[]> {
  const rows = await queries.all<{ cve: string; value: string }>(SELECT_TEXTS, between);
  const texts = new Map(rows.map(({ cve, value }) => [cve, value]));
  return page.map((each) => ({ ...each, value: nvdValue(each.value, texts.get(each.cve)) }));
}

const SELECT_STORED = 'SELECT cve, value, severity FROM enrichment WHERE kind = ? AND cve > ? ORDER BY cve LIMIT ?';

/** Parameters: the CVE before the page, and the last CVE of the page. */
export const SELECT_TEXTS: string = "SELECT cve, value FROM enrichment WHERE kind = 'text' AND cve > ? AND cve <= ?";
