import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/published-feeds.ts';
import { parseSuse } from './parse.ts';
import { withMessages } from '../../testing/record-messages.ts';

const AFFECTED = new URL('testdata/affected.xml', import.meta.url);
const PATCHES = new URL('testdata/patch.xml', import.meta.url);

describe('SUSE OVAL indexed by CVE', () => {
  it('returns a CVE with its states by release', async () => {
    const { advisories } = await readDocument(parseSuse, AFFECTED);
    expect(advisories[0]).toEqual({
      id: 'CVE-2099-0001',
      link: 'https://www.suse.com/security/cve/CVE-2099-0001/',
      description: 'A made-up lamp burns too long.',
      affected: [
        {
          namespace: 'sles:15.4',
          package: 'lamp',
          fixed: '0:1.2-150400.3.1',
          severity: 'Medium',
          status: 'fixed',
          archs: ['aarch64', 'x86_64'],
        },
        {
          namespace: 'sles:15.4',
          package: 'lamp-devel',
          fixed: '0:1.2-150400.3.1',
          severity: 'Medium',
          status: 'fixed',
          archs: ['noarch'],
        },
        {
          namespace: 'sles:15.3',
          package: 'lamp',
          fixed: '0:1.1-150300.9.1',
          severity: 'Medium',
          status: 'fixed-for-subscribers',
        },
      ],
    });
  });

  it('distinguishes unfixed from unaffected packages', async () => {
    const { advisories } = await readDocument(parseSuse, AFFECTED);
    expect(advisories.slice(1, 3).map(({ id, affected }) => [id, affected])).toEqual([
      ['CVE-2099-0002', [{ namespace: 'sles:15.4', package: 'wick', severity: 'High', status: 'open' }]],
      ['CVE-2099-0003', []],
    ]);
  });

  it('uses the platforms as releases when the criteria name no release, and comments when tests are missing', async () => {
    const { advisories } = await readDocument(parseSuse, AFFECTED);
    expect(advisories[3]?.affected).toEqual([
      { namespace: 'sles:12.5', package: 'lamp', fixed: '0:1.0-3.1', severity: 'Unknown', status: 'fixed' },
      { namespace: 'sles:12.5', package: 'oil-lamp', fixed: '0.9-2.1', severity: 'Unknown', status: 'unknown' },
    ]);
  });

  it('returns diagnostics for malformed content, one per unknown product', async () => {
    const { recordDiagnostics } = await readDocument(parseSuse, AFFECTED);
    expect(withMessages(recordDiagnostics)).toEqual({
      count: 3,
      skipped: 2,
      examples: [
        'affected.xml: criteria skipped: unknown product SUSE Linux Enterprise Toaster 3',
        'oval:org.opensuse.security:def:20990004 skipped: missing identifier: "no name"',
        'CVE-2099-0005 the test is missing, so the comment of the criterion was used: oil-lamp-0.9-2.1 is installed; has an unknown severity: Dreadful',
      ],
    });
  });
});

describe('SUSE OVAL indexed by patch', () => {
  it('returns each patch with the CVEs that it fixes', async () => {
    const { advisories, recordDiagnostics } = await readDocument(parseSuse, PATCHES);
    const range = { namespace: 'sles:16.0', status: 'fixed' };
    expect(advisories).toEqual([
      {
        id: 'SUSE-SU-2099:0001-1',
        link: 'https://lists.example.com/SUSE-SU-2099:0001-1',
        description: 'Puts out a made-up lamp.',
        aliases: ['CVE-2099-0001', 'CVE-2099-0002'],
        affected: [{ ...range, package: 'lamp', fixed: '0:1.4-160000.1.1', severity: 'Critical' }],
      },
      {
        id: 'oval:org.opensuse.security:def:4712',
        link: 'https://www.suse.com/support/update/',
        description: 'What was made safe before the release.',
        aliases: ['CVE-2098-0009'],
        affected: [{ ...range, package: 'wick', fixed: '0:2.0-160000.1.1', severity: 'Medium' }],
      },
    ]);
    expect(recordDiagnostics.count).toBe(0);
  });
});
