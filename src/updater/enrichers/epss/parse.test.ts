import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/enrichment-document.ts';
import { parseEpss } from './parse.ts';

const COMMENT = '#model_version:v2099.01.01,score_date:2099-03-04T00:00:00+0000\n';
const COLUMNS = 'cve,epss,percentile\n';

describe('a list of scores', () => {
  it('returns the score of each CVE with the date of the list', async () => {
    const text = `${COMMENT}${COLUMNS}CVE-2099-0001,0.97567,0.99995\nCVE-2099-10002,1e-05,0\nCVE-1999-0003,1,1\n`;
    expect(await readDocument(parseEpss, text)).toEqual({
      enrichments: [
        { cve: 'CVE-2099-0001', value: { score: 0.97567, percentile: 0.99995, date: '2099-03-04' } },
        { cve: 'CVE-2099-10002', value: { score: 0.00001, percentile: 0, date: '2099-03-04' } },
        { cve: 'CVE-1999-0003', value: { score: 1, percentile: 1, date: '2099-03-04' } },
      ],
      diagnostics: [],
    });
  });

  it('accepts the first lists, which have no date and no percentile', async () => {
    expect(await readDocument(parseEpss, 'cve,epss\nCVE-2099-0001,0.5\n')).toEqual({
      enrichments: [{ cve: 'CVE-2099-0001', value: { score: 0.5 } }],
      diagnostics: [],
    });
  });

  it('finds the columns by name', async () => {
    const text = 'percentile,new,epss,cve\n0.25,x,0.5,CVE-2099-0001\n';
    expect((await readDocument(parseEpss, text)).enrichments).toEqual([
      { cve: 'CVE-2099-0001', value: { score: 0.5, percentile: 0.25 } },
    ]);
  });

  it('accepts a list without a date and records a diagnostic', async () => {
    const { enrichments, diagnostics } = await readDocument(
      parseEpss,
      `#model_version:v1\n${COLUMNS}CVE-2099-0001,0,0\n`,
    );
    expect(enrichments).toEqual([{ cve: 'CVE-2099-0001', value: { score: 0, percentile: 0 } }]);
    expect(diagnostics).toEqual(['the list has no score date in its comment: "#model_version:v1"']);
  });

  it.each([
    ['a score above 1', 'CVE-2099-0001,1.00001,0.5'],
    ['a score below 0', 'CVE-2099-0001,-0.1,0.5'],
    ['a score that is not a number', 'CVE-2099-0001,high,0.5'],
    ['a hexadecimal score', 'CVE-2099-0001,0x0,0.5'],
    ['no score', 'CVE-2099-0001,,0.5'],
    ['an invalid identifier', 'GHSA-2099-0001,0.5,0.5'],
    ['a missing column', 'CVE-2099-0001,0.5', '2 columns instead of 3'],
    ['an extra column', 'CVE-2099-0001,0.5,0.5,0.5', '4 columns instead of 3'],
  ])('skips the row and records a diagnostic: %s', async (_, row, reason = 'not a CVE ID with a score from 0 to 1') => {
    const { enrichments, diagnostics } = await readDocument(parseEpss, `${COLUMNS}${row}\nCVE-2099-0002,0.5,0.5\n`);
    expect(enrichments.map(({ cve }) => cve)).toEqual(['CVE-2099-0002']);
    expect(diagnostics).toEqual([`${row} skipped: ${reason}`]);
  });

  it('keeps the score of a row whose percentile is broken', async () => {
    const { enrichments, diagnostics } = await readDocument(parseEpss, `${COLUMNS}CVE-2099-0001,0.5,7\n`);
    expect(enrichments).toEqual([{ cve: 'CVE-2099-0001', value: { score: 0.5 } }]);
    expect(diagnostics).toHaveLength(1);
  });

  it.each([
    ['plain text', 'Service unavailable\n', 'feed/invalid'],
    ['other columns', `${COMMENT}invalid,header,format\nCVE-2099-0001,0.5,0.5\n`, 'feed/invalid'],
    ['a truncated row', `${COLUMNS}CVE-2099-0001,0.5,0.9`, 'feed/truncated'],
    ['a line that is too long', 'x'.repeat(2000), 'feed/limit-exceeded'],
  ])('rejects %s', async (_, text, code) => {
    await expect(readDocument(parseEpss, text)).rejects.toMatchObject({ code });
  });
});
