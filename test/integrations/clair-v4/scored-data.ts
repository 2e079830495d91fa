import type { Store } from '../../../src/database/contracts/store.ts';
import { createEnrichmentOrder } from '../../../src/database/queries/enrichments/enrichment-order.ts';
import type { CvssScore, Enrichment, EnrichmentKind } from '../../../src/model/enrichment.ts';

const SCORE = { source: 'nvd', type: 'primary', accessVector: 'network', complexity: 'low' } as const;

const SECOND: CvssScore = { ...SCORE, version: '2.0', vector: 'AV:N/AC:L/Au:N/C:C/I:C/A:C', score: 10 };
const THIRD: CvssScore = {
  ...SCORE,
  version: '3.1',
  vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N',
  score: 9.1,
};

/** Stores scores, EPSS and KEV for the CVEs of the demo feed. */
export async function storeEnrichments(store: Store): Promise<void> {
  await update(store, 'cvss', [
    { cve: 'CVE-2099-0001', value: [SECOND, THIRD] },
    { cve: 'CVE-2099-0003', value: [SECOND] },
  ]);
  await update(store, 'epss', [{ cve: 'CVE-2099-0001', value: { score: 0.5, percentile: 0.9, date: '2026-11-01' } }]);
  await update(store, 'kev', [{ cve: 'CVE-2099-0001', value: { name: 'x', ransomware: true } }]);
}

async function update(store: Store, kind: EnrichmentKind, values: readonly Enrichment[]): Promise<void> {
  const order = createEnrichmentOrder();
  for (const each of values) order.add(each);
  await store.enrichments.update({
    feed: kind === 'cvss' ? 'nvd' : kind,
    kind,
    fetcherVersion: 1,
    enrichments: order.enrichments(),
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    at: 1,
  });
}
