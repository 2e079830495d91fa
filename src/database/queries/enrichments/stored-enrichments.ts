import type { StoredEnrichment } from '../../contracts/feed-snapshot.ts';
import type { EnrichmentKind } from '../../../model/enrichment.ts';
import type { Queries } from '../../engines/engine.ts';
import { type StoredRows, storedRows } from '../stored-rows.ts';

/** Reads the stored enrichments of a kind by ascending CVE. */
export function storedEnrichments(queries: Queries, kind: EnrichmentKind): StoredRows<StoredEnrichment> {
  return storedRows(
    (after, limit) => queries.all<StoredEnrichment>(SELECT_STORED, [kind, after, limit]),
    ({ cve }) => cve,
  );
}

const SELECT_STORED = 'SELECT cve, value, severity FROM enrichment WHERE kind = ? AND cve > ? ORDER BY cve LIMIT ?';
