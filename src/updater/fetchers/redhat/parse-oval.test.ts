import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/published-feeds.ts';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import { parseRedhatOval } from './parse-oval.ts';
import { withMessages } from '../../testing/record-messages.ts';

const DOCUMENT = new URL('testdata/rhel.oval.xml', import.meta.url);

describe('Red Hat OVAL', () => {
  it('returns an erratum with its module, its architectures and the CVEs that it fixes', async () => {
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

  it('returns an erratum of the old form, for all variants of a release', async () => {
    const { advisories } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(advisories[1]).toEqual({
      id: 'RHBA-2099:0002',
      link: 'https://rhn.redhat.com/errata/RHBA-2099-0002.html',
      description: 'Mends a made-up wick.',
      aliases: [],
      affected: [{ namespace: 'rhel:6', package: 'wick', fixed: '0:3-1.el6', severity: 'Negligible', status: 'fixed' }],
    });
  });

  it('returns a CVE without a fix, and the reason', async () => {
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

  it.each<[string, readonly string[], readonly (string | undefined)[]]>([
    ['a layered product', ['cpe:/a:redhat:openshift:4.16::el8'], ['cpe:/a:redhat:openshift:4.16']],
    [
      'several layered products',
      ['cpe:/a:redhat:openshift:4.16::el8', 'cpe:/a:redhat:openshift:4.15::el8', 'cpe:/a:redhat:openshift:4.15::el9'],
      ['cpe:/a:redhat:openshift:4.15', 'cpe:/a:redhat:openshift:4.16'],
    ],
    [
      'a layered product and RHEL',
      ['cpe:/a:redhat:openshift:4.16::el8', 'cpe:/o:redhat:enterprise_linux:8'],
      [undefined],
    ],
    ['a branch of RHEL', ['cpe:/a:redhat:rhel_eus:8.4::appstream'], [undefined]],
    ['an invalid product', ['openshift'], [undefined]],
  ])('reads the products of an erratum for %s', async (_, cpes, expected) => {
    const list = `<affected_cpe_list>${cpes.map((cpe) => `<cpe>${cpe}</cpe>`).join('')}</affected_cpe_list>`;
    const text = readFileSync(DOCUMENT, 'utf8').replace('</severity>', `</severity>${list}`);
    const stream = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text);
    })();
    const document = { name: 'a.xml', where: 'a.xml', stream };
    for await (const { affected } of parseRedhatOval(document, noRecordDiagnostics())) {
      const lamps = affected.filter(({ package: name }) => name === 'lamp');
      expect(lamps.map(({ cpe, fixed }) => [cpe, fixed])).toEqual(expected.map((cpe) => [cpe, '0:2.1-3.module+el8']));
      break;
    }
    expect.assertions(1);
  });

  it('skips packages that are not affected', async () => {
    const { advisories } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(advisories.map(({ id }) => id)).not.toContain('CVE-2099-0005');
  });

  it('uses the platform as the release when the criteria name no release', async () => {
    const { advisories } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(advisories.at(-1)).toMatchObject({
      id: 'RHSA-2099:0006',
      link: 'https://access.redhat.com/errata/RHSA-2099:0006',
      affected: [{ namespace: 'rhel:7', package: 'oil', fixed: '0:2-1.el7', severity: 'Medium', status: 'fixed' }],
    });
  });

  it('returns diagnostics for malformed content', async () => {
    const { recordDiagnostics } = await readDocument(parseRedhatOval, DOCUMENT);
    expect(withMessages(recordDiagnostics)).toEqual({
      count: 2,
      skipped: 1,
      examples: [
        'rhel.oval.xml: treated as affected: unknown resolution "Mislaid"',
        'rhel.oval.xml: criteria skipped: unknown product: Red Hat Lighthouse 4 is installed',
      ],
    });
  });
});
