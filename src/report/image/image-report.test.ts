import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory, deb } from '../../database/testing/packages.ts';
import { newLayer } from '../../database/testing/stores.ts';
import { orderedAdvisories } from '../../database/queries/vulnerabilities/advisory-order.ts';
import { createEnrichmentOrder } from '../../database/queries/enrichments/enrichment-order.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { Enrichment, EnrichmentKind } from '../../model/enrichment.ts';
import { MAX_LISTED_UNDECIDED, type Report } from '../../model/report/report.ts';
import { reportImage } from './image-report.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(() => store.close());

const SUCCESS = {
  fetcherVersion: 1,
  etag: null,
  lastModified: null,
  recordDiagnostics: { count: 0, examples: [] },
  at: 1,
} as const;

async function enrich(kind: EnrichmentKind, enrichments: readonly Enrichment[]): Promise<void> {
  const order = createEnrichmentOrder();
  for (const each of enrichments) order.add(each);
  const change = { ...SUCCESS, feed: kind, kind };
  await store.enrichments.update({ ...change, enrichments: order.enrichments() });
}

async function reportOf(...advisories: readonly Advisory[]): Promise<Report> {
  const change = { ...SUCCESS, feed: 'debian', scheme: 'dpkg' } as const;
  await store.vulnerabilities.update({ ...change, advisories: orderedAdvisories(advisories) });
  const added = { feature: deb('a', '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;
  const layer = await store.layers.insert(newLayer('leaf', null, [added]));
  const image = { kind: 'oci', reference: 'a:1', digest: layer.digest, platform: 'linux/amd64', layers: [] };
  return await reportImage(store, image, [layer], 5);
}

describe('the enrichments of a finding', () => {
  const kev = { name: 'n', added: '2099-01-01', due: '2099-02-01', action: 'a', ransomware: false };

  it('are part of the finding if there are any', async () => {
    await enrich('epss', [{ cve: 'CVE-2099-0001', value: { score: 0.5, percentile: 0.9, date: '2099-01-01' } }]);
    await enrich('kev', [{ cve: 'CVE-2099-0001', value: kev }]);
    const report = await reportOf(
      advisory('CVE-2099-0001', { package: 'a' }),
      advisory('CVE-2099-0002', { package: 'a' }),
    );
    expect(report.findings.map(({ cves }) => cves)).toEqual([
      [{ id: 'CVE-2099-0001', epss: { score: 0.5, percentile: 0.9, date: '2099-01-01' }, kev }],
      [{ id: 'CVE-2099-0002' }],
    ]);
  });

  it('cover each CVE of an advisory, and none without a CVE', async () => {
    await enrich('kev', [{ cve: 'CVE-2099-0002', value: kev }]);
    const report = await reportOf(
      { ...advisory('A-1', { package: 'a' }), aliases: ['CVE-2099-0001', 'CVE-2099-0002', 'GHSA-1'] },
      advisory('A-2', { package: 'a' }),
    );
    expect(report.findings.map(({ id, cves }) => [id, cves])).toEqual([
      ['A-1', [{ id: 'CVE-2099-0001' }, { id: 'CVE-2099-0002', kev }]],
      ['A-2', []],
    ]);
  });
});

describe('an undetermined package', () => {
  it('is not a finding and has its own list', async () => {
    const report = await reportOf(
      advisory('CVE-2099-0001', { package: 'a', status: 'undetermined' }),
      advisory('CVE-2099-0002', { package: 'a' }),
    );
    expect(report.findings.map(({ id }) => id)).toEqual(['CVE-2099-0002']);
    expect(report.undecided).toEqual({
      count: 1,
      listed: [
        {
          id: 'CVE-2099-0001',
          reportedBy: 'debian',
          namespace: 'debian:12',
          status: 'undetermined',
          package: 'a',
          version: '1',
          purl: 'pkg:deb/debian/a@1?arch=amd64&distro=debian-12',
          source: { name: 'a', version: '1' },
          layer: 0,
        },
      ],
    });
    expect(report.diagnostics).toEqual([expect.objectContaining({ code: 'feed-undecided', incomplete: false })]);
  });

  it('is listed up to a limit, and always counted', async () => {
    const ids = Array.from({ length: MAX_LISTED_UNDECIDED + 1 }, (_, index) => `CVE-2099-${10_000 + index}`);
    const { undecided } = await reportOf(
      ...ids.map((id) => advisory(id, { package: 'a', status: 'under-investigation' })),
    );
    expect(undecided.count).toBe(MAX_LISTED_UNDECIDED + 1);
    expect(undecided.listed.map(({ id }) => id)).toEqual(ids.slice(0, MAX_LISTED_UNDECIDED));
  });
});

describe('a note', () => {
  it('has its own list, and is neither a finding nor undecided', async () => {
    const { findings, counts, undecided, notes, diagnostics } = await reportOf(
      advisory('RUSTSEC-2099-0001', { package: 'a', status: 'unmaintained' }),
    );
    expect([findings, counts.findings, undecided.count, diagnostics]).toEqual([[], 0, 0, []]);
    expect(notes).toEqual([
      {
        kind: 'unmaintained',
        id: 'RUSTSEC-2099-0001',
        namespace: 'debian:12',
        type: 'deb',
        package: 'a',
        version: '1',
        purl: 'pkg:deb/debian/a@1?arch=amd64&distro=debian-12',
        paths: [],
        layer: 0,
        link: 'https://tracker.test/RUSTSEC-2099-0001',
        description: expect.any(String),
      },
    ]);
  });
});
