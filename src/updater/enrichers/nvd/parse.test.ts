import { describe, expect, it } from 'vitest';
import { type CvssScore, type Enrichment, nvdEntryOf } from '../../../model/enrichment.ts';
import { readDocument } from '../../testing/enrichment-document.ts';
import { parseNvd } from './parse.ts';

const V2 = 'AV:N/AC:M/Au:N/C:P/I:P/A:P';
const V31 = 'CVSS:3.1/AV:L/AC:H/PR:N/UI:R/S:U/C:H/I:H/A:H';
const V4 = 'CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N';

function metric(vectorString: unknown, baseScore: unknown, more: object = {}): object {
  return { source: 'nvd@nist.gov', type: 'Primary', cvssData: { vectorString, baseScore }, ...more };
}

function weaknesses(source: string, ...names: readonly string[]): object {
  return { source, type: 'Primary', description: names.map((value) => ({ lang: 'en', value })) };
}

function feedOf(...cves: readonly object[]): string {
  return JSON.stringify({ format: 'NVD_CVE', vulnerabilities: cves.map((cve) => ({ cve })) });
}

/** Returns the scores of the first CVE. */
function scoresIn([first]: readonly Enrichment<'cvss'>[]): readonly CvssScore[] {
  return nvdEntryOf(first?.value ?? []).scores;
}

describe('a feed of version 2.0', () => {
  it('returns the scores of each CVE, the newest version first and primary before secondary', async () => {
    const secondary = { source: 'security@example.test', type: 'Secondary' };
    const metrics = {
      cvssMetricV2: [metric(V2, 6.8)],
      cvssMetricV31: [metric(V31, 7, secondary), metric(V31, 7)],
      cvssMetricV40: [metric(V4, 5.1, secondary)],
    };
    expect(await readDocument(parseNvd, feedOf({ id: 'CVE-2099-0001', metrics }))).toEqual({
      enrichments: [
        {
          cve: 'CVE-2099-0001',
          value: [
            {
              version: '4.0',
              vector: V4,
              score: 5.1,
              source: 'security@example.test',
              type: 'secondary',
              accessVector: 'physical',
              complexity: 'low',
            },
            {
              version: '3.1',
              vector: V31,
              score: 7,
              source: 'nvd',
              type: 'primary',
              accessVector: 'local',
              complexity: 'high',
            },
            {
              version: '3.1',
              vector: V31,
              score: 7,
              source: 'security@example.test',
              type: 'secondary',
              accessVector: 'local',
              complexity: 'high',
            },
            {
              version: '2.0',
              vector: V2,
              score: 6.8,
              source: 'nvd',
              type: 'primary',
              accessVector: 'network',
              complexity: 'medium',
            },
          ],
        },
      ],
      diagnostics: [],
    });
  });

  it.each([
    [
      'by the author of a score, each once, with the first of its scores',
      [
        weaknesses('nvd@nist.gov', 'CWE-79', 'CWE-20'),
        weaknesses('nvd@nist.gov', 'CWE-79'),
        weaknesses('cna', 'CWE-1'),
      ],
      ['cna: CWE-1', 'nvd: CWE-79 CWE-20', 'nvd:'],
    ],
    [
      'by an author without a score, with the first score',
      [weaknesses('adp', 'CWE-7')],
      ['cna: CWE-7', 'nvd:', 'nvd:'],
    ],
    [
      'without the names of no weakness',
      [weaknesses('nvd@nist.gov', 'NVD-CWE-noinfo', 'NVD-CWE-Other', 'CWE-0', 'CWE-1 x')],
      ['cna:', 'nvd:', 'nvd:'],
    ],
    ['of malformed lists', [{ source: 7 }, null, { description: [{ value: 1 }] }], ['cna:', 'nvd:', 'nvd:']],
  ])('returns weaknesses %s', async (_, list, expected) => {
    const metrics = {
      cvssMetricV2: [metric(V2, 6.8)],
      cvssMetricV31: [metric(V31, 7)],
      cvssMetricV40: [metric(V4, 5.1, { source: 'cna', type: 'Secondary' })],
    };
    const { enrichments } = await readDocument(parseNvd, feedOf({ id: 'CVE-2099-0001', metrics, weaknesses: list }));
    expect(scoresIn(enrichments).map(({ source, cwes = [] }) => [`${source}:`, ...cwes].join(' '))).toEqual(expected);
  });

  it('returns a CVE without scores', async () => {
    const rejected = { id: 'CVE-2099-0001', vulnStatus: 'Rejected', metrics: {} };
    expect(await readDocument(parseNvd, feedOf(rejected, { id: 'CVE-2099-0002' }))).toEqual({
      enrichments: [{ cve: 'CVE-2099-0001' }, { cve: 'CVE-2099-0002' }],
      diagnostics: [],
    });
  });

  it('returns the English description and the day of publication, also of a CVE without scores', async () => {
    const descriptions = [
      { lang: 'es', value: 'No.' },
      { lang: 'en', value: ' A hole.\n' },
    ];
    const scored = {
      id: 'CVE-2099-0001',
      descriptions,
      published: '2099-01-02T03:04:05.678',
      metrics: { cvssMetricV2: [metric(V2, 6.8)] },
    };
    const text = { description: 'A hole.', published: '2099-01-02' };
    const { enrichments } = await readDocument(
      parseNvd,
      feedOf(scored, { ...scored, id: 'CVE-2099-0002', metrics: {} }),
    );
    expect(enrichments).toEqual([
      { cve: 'CVE-2099-0001', value: { ...text, scores: [expect.objectContaining({ vector: V2 })] } },
      { cve: 'CVE-2099-0002', value: { ...text, scores: [] } },
    ]);
  });

  it.each([
    ['of a rejected CVE', { vulnStatus: 'Rejected', descriptions: [{ lang: 'en', value: 'Rejected.' }] }],
    ['that states the rejection', { descriptions: [{ lang: 'en', value: 'Rejected reason: a duplicate.' }] }],
    ['that is empty', { descriptions: [{ lang: 'en', value: ' ' }], published: '2099-01-02' }],
    ['that is malformed', { descriptions: [null, 7, { lang: 'en', value: 7 }], published: 7 }],
    ['in another language', { descriptions: [{ lang: 'fr', value: 'Un trou.' }] }],
  ])('returns no description %s', async (_, cve) => {
    const { enrichments } = await readDocument(parseNvd, feedOf({ id: 'CVE-2099-0001', ...cve }));
    expect(enrichments).toEqual([{ cve: 'CVE-2099-0001' }]);
  });

  it('shortens a long description, and omits a malformed day', async () => {
    const cve = { id: 'CVE-2099-0001', descriptions: [{ lang: 'en', value: `${'x'.repeat(1998)}😀${'y'.repeat(9)}` }] };
    const { enrichments } = await readDocument(parseNvd, feedOf({ ...cve, published: '2099-02-30T00:00' }));
    expect(enrichments[0]?.value).toEqual({ scores: [], description: `${'x'.repeat(1998)}…` });
  });

  it('ignores metrics that are not CVSS', async () => {
    const metrics = { ssvcV203: [{ source: 'x', ssvcData: {} }], cvssMetricV2: [metric(V2, 6.8)] };
    const { enrichments, diagnostics } = await readDocument(parseNvd, feedOf({ id: 'CVE-2099-0001', metrics }));
    expect([scoresIn(enrichments).length, diagnostics]).toEqual([1, []]);
  });

  it.each([
    ['no vector', metric(undefined, 5), 'invalid vector (none)'],
    ['a broken vector', metric('AV:N', 5), 'invalid vector "AV:N"'],
    ['no score', metric(V2, null), 'invalid score null'],
    ['a score above 10', metric(V2, 10.1), 'invalid score 10.1'],
    ['no source of the score', metric(V2, 5, { source: '' }), 'invalid source ""'],
    ['an unknown type', metric(V2, 5, { type: 'Third' }), 'unknown type "Third"'],
    ['no CVSS data', { source: 'x', type: 'Primary' }, 'invalid vector (none)'],
    ['null', null, 'invalid vector (none)'],
  ])('skips a malformed score and records a diagnostic: %s', async (_, wrong, reason) => {
    const metrics = { cvssMetricV30: [wrong], cvssMetricV2: [metric(V2, 6.8)] };
    const { enrichments, diagnostics } = await readDocument(parseNvd, feedOf({ id: 'CVE-2099-0001', metrics }));
    expect(scoresIn(enrichments).map(({ vector }) => vector)).toEqual([V2]);
    expect(diagnostics).toEqual([`CVE-2099-0001 cvssMetricV30 skipped: ${reason}`]);
  });

  it('records a diagnostic for an unknown CVSS version', async () => {
    const metrics = { cvssMetricV50: [metric('CVSS:5.0/X:Y', 1)] };
    const { enrichments, diagnostics } = await readDocument(parseNvd, feedOf({ id: 'CVE-2099-0001', metrics }));
    expect(enrichments).toEqual([{ cve: 'CVE-2099-0001' }]);
    expect(diagnostics).toEqual(['CVE-2099-0001 cvssMetricV50 skipped: invalid vector "CVSS:5.0/X:Y"']);
  });

  it.each([
    ['no identifier', {}, '(none) skipped: not a CVE ID'],
    ['an invalid identifier', { id: 'X-1' }, '"X-1" skipped: not a CVE ID'],
  ])('skips a record with %s and records a diagnostic', async (_, cve, reason) => {
    const { enrichments, diagnostics } = await readDocument(parseNvd, feedOf(cve, { id: 'CVE-2099-0001' }));
    expect(enrichments).toEqual([{ cve: 'CVE-2099-0001' }]);
    expect(diagnostics).toEqual([reason]);
  });

  it('is rejected when it is cut off', async () => {
    const text = feedOf({ id: 'CVE-2099-0001' });
    await expect(readDocument(parseNvd, text.slice(0, -2))).rejects.toMatchObject({ code: 'feed/truncated' });
  });
});

describe('a feed of version 1.1', () => {
  it('returns the scores of the NVD', async () => {
    const impact = {
      baseMetricV3: { cvssV3: { vectorString: V31, baseScore: 7 } },
      baseMetricV2: { cvssV2: { vectorString: `(${V2})`, baseScore: 6.8 } },
    };
    const problemtype = { problemtype_data: [{ description: [{ lang: 'en', value: 'CWE-269' }] }] };
    const description = { description_data: [{ lang: 'en', value: 'A hole.' }] };
    const item = {
      cve: { CVE_data_meta: { ID: 'CVE-2099-0001' }, problemtype, description },
      impact,
      publishedDate: '2099-01-02T03:04Z',
    };
    const without = { cve: { CVE_data_meta: { ID: 'CVE-2099-0002' } }, impact: {} };
    const { enrichments, diagnostics } = await readDocument(parseNvd, JSON.stringify({ CVE_Items: [item, without] }));
    expect(enrichments[0]?.value).toMatchObject({ description: 'A hole.', published: '2099-01-02' });
    expect(scoresIn(enrichments)).toMatchObject([
      { version: '3.1', vector: V31, score: 7, source: 'nvd', type: 'primary', cwes: ['CWE-269'] },
      { version: '2.0', vector: V2, score: 6.8, source: 'nvd', type: 'primary' },
    ]);
    expect(enrichments[1]).toEqual({ cve: 'CVE-2099-0002' });
    expect(diagnostics).toEqual([]);
  });
});
