import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/published-feeds.ts';
import { parseOracle } from './parse.ts';
import { withMessages } from '../../testing/record-messages.ts';

const DOCUMENT = new URL('testdata/elsa.xml', import.meta.url);

describe('Oracle Linux OVAL', () => {
  it('returns an advisory with its module, limited to the architectures of the machine', async () => {
    const { advisories } = await readDocument(parseOracle, DOCUMENT);
    const range = { namespace: 'oracle:8', package: 'lamp', module: 'lamp:2', severity: 'High', status: 'fixed' };
    expect(advisories[0]).toEqual({
      id: 'ELSA-2099-0001',
      link: 'https://linux.oracle.com/errata/ELSA-2099-0001.html',
      description: 'Puts out a made-up lamp.',
      aliases: ['CVE-2099-0001', 'CVE-2099-0002'],
      affected: [
        { ...range, fixed: '0:2.1-3.module+el8', archs: ['aarch64', 'noarch'] },
        { ...range, fixed: '0:2.1-4.module+el8', archs: ['i386', 'i586', 'i686', 'noarch', 'x86_64'] },
      ],
    });
  });

  it('limits advisories for special builds to these builds', async () => {
    const { advisories } = await readDocument(parseOracle, DOCUMENT);
    const range = { namespace: 'oracle:7', severity: 'Negligible', status: 'fixed' };
    expect(advisories[1]).toEqual({
      id: 'ELSA-2099-0002',
      link: 'https://linux.oracle.com/errata/ELSA-2099-0002.html',
      description: 'It has no references.',
      aliases: [],
      affected: [
        { ...range, package: 'wick', introduced: '2:0', fixed: '2:1.1-15.ksplice1.el7' },
        { ...range, package: 'wick-fips', introduced: '10:0', fixed: '10:1.1-5.el7_fips' },
        { ...range, package: 'candle', introduced: '2:0', fixed: '2:4-1.ksplice1.el7' },
      ],
    });
  });

  it('returns diagnostics for malformed content and for advisories of other products', async () => {
    const { advisories, recordDiagnostics } = await readDocument(parseOracle, DOCUMENT);
    expect(advisories).toHaveLength(2);
    expect(withMessages(recordDiagnostics)).toEqual({
      count: 2,
      skipped: 2,
      examples: [
        'elsa.xml: oval:com.oracle.elsa:def:20990002: oil skipped: the version of the Ksplice or FIPS build has no epoch: 0:3-1.ksplice1.el7',
        'oval:com.oracle.ovmsa:def:20990003 skipped: missing identifier: "OVMSA-2099-0003: of another product (LOW)"',
      ],
    });
  });
});
