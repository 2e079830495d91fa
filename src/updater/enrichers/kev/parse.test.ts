import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/enrichment-document.ts';
import { parseKevCsv, parseKevJson } from './parse.ts';

const ENTRY = {
  cveID: 'CVE-2099-0001',
  vendorProject: 'Example',
  product: 'Thing',
  vulnerabilityName: 'Example Thing Hole',
  dateAdded: '2099-01-02',
  shortDescription: 'There is a hole.',
  requiredAction: 'Close it, or stop using it.',
  dueDate: '2099-01-23',
  knownRansomwareCampaignUse: 'Known',
  notes: 'https://example.test/1 ; https://example.test/2',
  cwes: ['CWE-1'],
};

const VALUE = {
  name: 'Example Thing Hole',
  added: '2099-01-02',
  due: '2099-01-23',
  action: 'Close it, or stop using it.',
  ransomware: true,
};

function catalogOf(entries: readonly unknown[], count: number = entries.length): string {
  return JSON.stringify({ title: 'Catalog', catalogVersion: '2099.01.02', count, vulnerabilities: entries });
}

describe('the catalog as JSON', () => {
  it('returns each exploited CVE', async () => {
    const other = { ...ENTRY, cveID: 'CVE-2099-100000', knownRansomwareCampaignUse: 'Unknown' };
    expect(await readDocument(parseKevJson, catalogOf([ENTRY, other]))).toEqual({
      enrichments: [
        { cve: 'CVE-2099-0001', value: VALUE },
        { cve: 'CVE-2099-100000', value: { ...VALUE, ransomware: false } },
      ],
      diagnostics: [],
    });
  });

  it('accepts entries of older catalogs, which have no ransomware field', async () => {
    const { knownRansomwareCampaignUse: _word, ...old } = ENTRY;
    const { ransomware: _known, ...value } = VALUE;
    expect(await readDocument(parseKevJson, catalogOf([old]))).toEqual({
      enrichments: [{ cve: 'CVE-2099-0001', value }],
      diagnostics: [],
    });
  });

  it.each([
    ['dateAdded', 'soon', 'added'],
    ['dueDate', null, 'due'],
    ['vulnerabilityName', '', 'name'],
    ['requiredAction', 7, 'action'],
    ['knownRansomwareCampaignUse', 'Perhaps', 'ransomware'],
  ])('keeps an entry without its %s when that is %j, and records a diagnostic', async (field, wrong, lost) => {
    const { enrichments, diagnostics } = await readDocument(parseKevJson, catalogOf([{ ...ENTRY, [field]: wrong }]));
    const value = Object.fromEntries(Object.entries(VALUE).filter(([name]) => name !== lost));
    expect(enrichments).toEqual([{ cve: 'CVE-2099-0001', value }]);
    expect(diagnostics).toEqual([`CVE-2099-0001: invalid ${field} ignored: ${JSON.stringify(wrong)}`]);
  });

  it.each([
    ['an entry with an invalid CVE ID', { ...ENTRY, cveID: 'none' }],
    ['a value that is not an entry', 'CVE-2099-0002'],
  ])('skips %s and records a diagnostic', async (_, wrong) => {
    const { enrichments, diagnostics } = await readDocument(parseKevJson, catalogOf([wrong, ENTRY]));
    expect(enrichments.map(({ cve }) => cve)).toEqual(['CVE-2099-0001']);
    expect(diagnostics).toEqual([expect.stringContaining(JSON.stringify(wrong).slice(0, 15))]);
  });

  it.each([
    ['has fewer entries than it declares', catalogOf([ENTRY], 2), 'feed/truncated'],
    ['ends inside an entry', catalogOf([ENTRY]).slice(0, 200), 'feed/truncated'],
    ['is not an object', '[]', 'feed/invalid'],
  ])('is rejected when it %s', async (_, text, code) => {
    await expect(readDocument(parseKevJson, text)).rejects.toMatchObject({ code });
  });
});

describe('the catalog as CSV', () => {
  const names = Object.keys(ENTRY).join(',');
  const row =
    'CVE-2099-0001,Example,Thing,"Example Thing Hole",2099-01-02,"There is a ""hole"".",' +
    '"Close it, or stop using it.",2099-01-23,Known,"https://example.test/1 ;\nhttps://example.test/2",CWE-1';

  it('returns the same enrichments', async () => {
    expect(await readDocument(parseKevCsv, `${names}\n${row}\n`)).toEqual({
      enrichments: [{ cve: 'CVE-2099-0001', value: VALUE }],
      diagnostics: [],
    });
  });

  it('skips a row without a CVE and records a diagnostic', async () => {
    const { enrichments, diagnostics } = await readDocument(parseKevCsv, `${names}\n,x\n${row}\n`);
    expect([enrichments.length, diagnostics.length]).toEqual([1, 1]);
  });

  it.each([
    ['has other columns', 'a,b\n1,2\n', 'feed/invalid'],
    ['ends inside a row', `${names}\n${row}`, 'feed/truncated'],
  ])('is rejected when it %s', async (_, text, code) => {
    await expect(readDocument(parseKevCsv, text)).rejects.toMatchObject({ code });
  });
});
