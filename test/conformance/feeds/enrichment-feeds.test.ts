import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import { type CvssScore, type Enrichment, nvdEntryOf } from '../../../src/model/enrichment.ts';
import type { FeedDocument } from '../../../src/updater/feed/document-intake.ts';
import { localDocuments } from '../../../src/updater/feed/local-documents.ts';
import { parseEpss } from '../../../src/updater/enrichers/epss/parse.ts';
import { parseNvd } from '../../../src/updater/enrichers/nvd/parse.ts';
import { noRecordDiagnostics } from '../../../src/updater/advisories/record-diagnostics.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { EPSS, KEV, NVD_1, NVD_2, NVD_PAGE, type Scores } from './expected/enrichments.ts';

const CATALOG = 'feeds/enrichment/cisa-kev.tar.zst';
const NVD_1_SLICE = 'feeds/nvd/nvdcve-1.1-slice.json.zst';
const NVD_2_SLICE = 'feeds/nvd/nvdcve-2.0-2022-slice.json.zst';
const VULS = 'feeds/misc/vuls-data-update-fixtures.tar.zst';
const VUNNEL = 'feeds/misc/vunnel-test-fixtures-input.tar.zst';

let clair: Clair;
beforeAll(async () => {
  clair = await composeClair(newDatabase());
});
afterAll(() => clair.close());

async function take(feed: string, path: string): Promise<number> {
  // Each file replaces the data of the previous file, which might be larger.
  const result = await clair.updater.update(feed, { from: sharedPath(path), allowShrink: true });
  if (result.kind !== 'updated') throw new Error(result.kind);
  expect(result.recordDiagnostics).toEqual({ count: 0, skipped: 0, examples: [] });
  return result.counts.added + result.counts.changed + result.counts.unchanged;
}

async function* documentsOf(path: string, wanted: RegExp): AsyncGenerator<FeedDocument> {
  yield* localDocuments(sharedPath(path), { wants: (name) => wanted.test(name) });
}

async function jsonOf<Value>(path: string, wanted: RegExp): Promise<Value> {
  for await (const { stream } of documentsOf(path, wanted)) return JSON.parse(await text(stream)) as Value;
  throw new Error(`${path} does not contain ${wanted}`);
}

function lineOf({ source, type, accessVector, complexity, vector, score }: CvssScore): string {
  return `${source} ${type} ${accessVector} ${complexity} ${vector} ${score}`;
}

async function stored(scores: Scores): Promise<Scores> {
  const found = await clair.store.enrichments.ofCves(scores.map(([cve]) => cve));
  return scores.map(([cve]) => [cve, ...(found.get(cve)?.cvss ?? []).map(lineOf)]);
}

describeShared('the CISA catalog', [CATALOG], () => {
  it('is imported to the last entry', async () => {
    const { count, vulnerabilities } = await jsonOf<{ count: number; vulnerabilities: { cveID: string }[] }>(
      CATALOG,
      /vulnerabilities\.json$/,
    );
    const cves = vulnerabilities.map(({ cveID }) => cveID);
    expect([count, cves.length, new Set(cves).size]).toEqual([1404, 1404, 1404]);
    expect(await take('kev', CATALOG)).toBe(1404);
    expect((await clair.store.enrichments.ofCves(cves)).size).toBe(1404);
  });

  it('has the values of the upstream text', async () => {
    const found = await clair.store.enrichments.ofCves(KEV.map(([cve]) => cve));
    const values = KEV.map(([cve]) => {
      const { kev } = found.get(cve) ?? {};
      return [cve, kev?.added, kev?.due, kev?.ransomware, kev?.name];
    });
    expect(values).toEqual(KEV);
    expect(found.get('CVE-2020-29583')?.kev?.action).toBe('Apply updates per vendor instructions.');
  });

  it('marks as many ransomware entries as upstream', async () => {
    const { vulnerabilities } = await jsonOf<{
      vulnerabilities: { cveID: string; knownRansomwareCampaignUse: string }[];
    }>(CATALOG, /vulnerabilities\.json$/);
    const found = await clair.store.enrichments.ofCves(vulnerabilities.map(({ cveID }) => cveID));
    const known = [...found.values()].filter(({ kev }) => kev?.ransomware === true);
    expect(known).toHaveLength(293);
    expect(vulnerabilities.filter((each) => each.knownRansomwareCampaignUse === 'Known')).toHaveLength(293);
  });
});

describeShared('the NVD', [NVD_1_SLICE, NVD_2_SLICE, VUNNEL], () => {
  it('in version 1.1 is imported to the last CVE that was not rejected', async () => {
    type Item = { readonly cve: { readonly description: { readonly description_data: { readonly value: string }[] } } };
    const { CVE_Items: items } = await jsonOf<{ CVE_Items: (Item & { impact: object })[] }>(NVD_1_SLICE, /json$/);
    expect(items).toHaveLength(669);
    expect(items.filter(({ impact }) => Object.keys(impact).length > 0)).toHaveLength(356);
    const words = items.map(({ cve }) => cve.description.description_data[0]!.value);
    const rejected = words.filter((each) => each.startsWith('** REJECT **'));
    expect(rejected).toHaveLength(29);
    expect(await take('nvd', NVD_1_SLICE)).toBe(items.length - rejected.length);
    expect(await stored(NVD_1)).toEqual(NVD_1);
  });

  it('in version 2.0 is imported to the last CVE', async () => {
    expect(await take('nvd', NVD_2_SLICE)).toBe(4);
    expect(await stored(NVD_2)).toEqual(NVD_2);
  });

  it('as a directory is imported completely', async () => {
    expect(await take('nvd', 'feeds/nvd')).toBe(644);
    expect(await stored([...NVD_1, ...NVD_2])).toEqual([...NVD_1, ...NVD_2]);
  });

  it('imports a page of the API, including CVEs without scores', async () => {
    const read: Enrichment<'cvss'>[] = [];
    const recordDiagnostics = noRecordDiagnostics();
    for await (const document of documentsOf(VUNNEL, /nvd\/test-fixtures\/full-page\.json$/)) {
      for await (const each of parseNvd(document, recordDiagnostics)) read.push(each);
    }
    expect([
      read.length,
      read.filter(({ value = [] }) => nvdEntryOf(value).scores.length === 0).length,
      recordDiagnostics.count,
    ]).toEqual([38, 3, 0]);
    const lines = new Map(read.map(({ cve, value = [] }) => [cve, nvdEntryOf(value).scores.map(lineOf)]));
    expect(NVD_PAGE.map(([cve]) => [cve, ...(lines.get(cve) ?? ['none'])])).toEqual(NVD_PAGE);
  });
});

describeShared('EPSS lists', [VULS, VUNNEL], () => {
  const wanted = Object.keys(EPSS).map((name) => [name.startsWith('epss') ? VULS : VUNNEL, name] as const);

  describe('in every published format', () => {
    it.each(wanted)('in %s: %s', async (path, name) => {
      const read: Enrichment<'epss'>[] = [];
      const recordDiagnostics = noRecordDiagnostics();
      for await (const document of documentsOf(path, new RegExp(`epss/.*/${name}$`))) {
        for await (const each of parseEpss(document, recordDiagnostics)) read.push(each);
      }
      const fields = read.map(({ cve, value }) => [cve, value?.score, value?.percentile, value?.date]);
      expect(fields).toEqual(EPSS[name]?.map(([cve, score, percentile, date]) => [cve, score, percentile, date]));
      expect(recordDiagnostics.count).toBe(0);
    });
  });

  it('in an archive: the latest list is used', async () => {
    expect(await take('epss', VULS)).toBe(2);
    const found = await clair.store.enrichments.ofCves(['CVE-2020-5902']);
    expect(found.get('CVE-2020-5902')?.epss).toEqual({ score: 0.97567, percentile: 0.99995, date: '2023-03-07' });
  });
});
