import { describe, expect, it } from 'vitest';
import { secdbIdentifiers } from './secdb-identifiers.ts';

/** Returns each identifier with its aliases as `CVE-2099-1 = XSA-1`. */
function written(entry: string): readonly string[] {
  return secdbIdentifiers(entry).map(({ id, aliases }) => [id, ...aliases].join(' = '));
}

describe('an entry of a secdb', () => {
  it.each<[string, readonly string[]]>([
    ['CVE-2099-0001', ['CVE-2099-0001']],
    ['CVE-2099-1234567', ['CVE-2099-1234567']],
    ['  CVE-2099-0001  ', ['CVE-2099-0001']],
    ['CVE-2099-0001 XSA-900', ['CVE-2099-0001 = XSA-900']],
    ['CVE-2099-0001   XSA-900', ['CVE-2099-0001 = XSA-900']],
    ['CVE-2099-0001 CVE-2099-0002 XSA-900', ['CVE-2099-0001 = XSA-900', 'CVE-2099-0002 = XSA-900']],
    ['GNUTLS-SA-2099-01-02 CVE-2099-0001', ['CVE-2099-0001 = GNUTLS-SA-2099-01-02']],
    ['CVE-2099-0001 / GHSA-cfgh-jmpq-rvwx', ['CVE-2099-0001 = GHSA-cfgh-jmpq-rvwx']],
    ['CVE-2099-0001, GHSA-2345-6789-cfgh', ['CVE-2099-0001 = GHSA-2345-6789-cfgh']],
    ['CVE-2099-0001 CVE-2099-0001', ['CVE-2099-0001']],
    ['CVE-2099-0001 (was fixed in libexample 1.2)', ['CVE-2099-0001']],
    ['CVE-2099-0001 (+ CVE-2099-0002)', ['CVE-2099-0001']],
    ['CVE-2099-0001 (not closed', ['CVE-2099-0001']],
  ])('%j is %j', (entry, expected) => {
    expect(written(entry)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['CVE_2099-0001', 'CVE-2099-0001'],
    ['CVE 2099-0001', 'CVE-2099-0001'],
    ['cve-2099-0001', 'CVE-2099-0001'],
    ['CVE-2099-0001.patch', 'CVE-2099-0001'],
    ['CVE-2099-0001-2', 'CVE-2099-0001'],
  ])('%j is corrected to %j', (entry, expected) => {
    expect(written(entry)).toEqual([expected]);
  });

  it.each<[string, readonly string[]]>([
    ['XSA-900', ['XSA-900']],
    ['GHSA-cfgh-jmpq-rvwx', ['GHSA-cfgh-jmpq-rvwx']],
    ['wnpa-sec-2099-18', ['wnpa-sec-2099-18']],
    ['VSV00099', ['VSV00099']],
    ['DW209902-001', ['DW209902-001']],
    ['CVE-????-?????  XSA-900', ['XSA-900']],
    ['CVE-2099-????? XSA-900', ['XSA-900']],
    ['CVE N/A ZBX-90000', ['ZBX-90000']],
    ['EXAMPLESEC-2099-1, GHSA-cfgh-jmpq-rvwx', ['EXAMPLESEC-2099-1 = GHSA-cfgh-jmpq-rvwx']],
    ['CVE-99999', ['CVE-99999']],
  ])('without a CVE, %j is %j', (entry, expected) => {
    expect(written(entry)).toEqual(expected);
  });

  it.each(['', ' ', 'CVE-????-?????', 'CVE', 'N/A', '(CVE-2099-0001)', '???', '2099-0001'])(
    '%j has no identifier',
    (entry) => {
      expect(secdbIdentifiers(entry)).toEqual([]);
    },
  );

  it('of any length is read in bounded time', () => {
    const start = performance.now();
    expect(secdbIdentifiers('(CVE '.repeat(50_000))).toEqual([]);
    expect(secdbIdentifiers('a'.repeat(200_000))).toEqual([]);
    expect(secdbIdentifiers(`${'CVE_'.repeat(50_000)}1`)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
