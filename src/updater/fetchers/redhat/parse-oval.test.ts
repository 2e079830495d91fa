import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../../test/fixtures/published-feeds.ts';
import { parseRedhatOval } from './parse-oval.ts';

const DOCUMENT = new URL('testdata/rhel.oval.xml', import.meta.url);

describe('OVAL of Red Hat', () => {
  it('gives an erratum with its module, its architectures and the CVEs that it fixes', async () => {
    const { advisories } = await readDocument(parseRedhatOval, DOCUMENT);
    const range = {
      namespace: 'rhel:8',
      fixed: '0:2.1-3.module+el8',
      module: 'lamp:2',
      severity: 'High',
      status: 'fixed',
    };
    expect(advisories[0]).toEqual({
      id: 'RHSA-2099:0001',
      link: 'https://access.redhat.com/errata/RHSA-2099:0001',
      description: 'Puts out a made-up lamp.',
      aliases: ['CVE-2099-0001'],
      affected: [
        { ...range, package: 'lamp', archs: ['aarch64', 'x86_64'] },
        { ...range, package: 'lamp-doc' },
      ],
    });
  });

  it('gives one of the old form, for all variants of a release', async () => {
    const { advisories } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(advisories[1]).toEqual({
      id: 'RHBA-2099:0002',
      link: 'https://rhn.redhat.com/errata/RHBA-2099-0002.html',
      description: 'Mends a made-up wick.',
      aliases: [],
      affected: [{ namespace: 'rhel:6', package: 'wick', fixed: '0:3-1.el6', severity: 'Negligible', status: 'fixed' }],
    });
  });

  it('gives a CVE without a fix, and why there is none', async () => {
    const { advisories } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(advisories[2]).toMatchObject({
      id: 'CVE-2099-0003',
      link: 'https://access.redhat.com/security/cve/CVE-2099-0003',
    });
    const states = advisories.slice(2, 4).map(({ affected }) => affected.map((each) => [each.package, each.status]));
    expect(states).toEqual([
      [
        ['oil', 'ignored'],
        ['oil-can', 'end-of-life'],
        ['oil-lamp', 'unknown'],
        ['oil-doc', 'open'],
      ],
      [['wick', 'postponed']],
    ]);
  });

  it('passes over what is not affected', async () => {
    const { advisories } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(advisories.map(({ id }) => id)).not.toContain('CVE-2099-0005');
  });

  it('takes the platform for the release where the criteria name none', async () => {
    const { advisories } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(advisories.at(-1)).toMatchObject({
      id: 'RHSA-2099:0006',
      link: 'https://access.redhat.com/errata/RHSA-2099:0006',
      affected: [{ namespace: 'rhel:7', package: 'oil', fixed: '0:2-1.el7', severity: 'Medium', status: 'fixed' }],
    });
  });

  it('tells what was not understood', async () => {
    const { unclear } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(unclear).toEqual({
      count: 2,
      skipped: 1,
      examples: [
        'rhel.oval.xml: a resolution is unknown, taken as affected: "Mislaid"',
        'rhel.oval.xml: what is said of a product was skipped, it is unknown: Red Hat Lighthouse 4 is installed',
      ],
    });
  });
});
