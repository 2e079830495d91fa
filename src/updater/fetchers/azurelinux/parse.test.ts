import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/published-feeds.ts';
import { parseAzureLinux } from './parse.ts';
import { withMessages } from '../../testing/record-messages.ts';

const DOCUMENT = new URL('testdata/azurelinux.xml', import.meta.url);

describe('Azure Linux OVAL', () => {
  it('returns a part of a CVE for each package', async () => {
    const { advisories } = await readDocument(parseAzureLinux, DOCUMENT);
    expect(advisories[0]).toEqual({
      id: 'CVE-2099-0001',
      link: 'https://nvd.nist.gov/vuln/detail/CVE-2099-0001',
      description: 'CVE-2099-0001 affecting a made-up package lamp.',
      affected: [
        {
          namespace: 'azurelinux:3.0',
          package: 'lamp',
          role: 'source',
          fixed: '1.2-3.azl3',
          severity: 'High',
          status: 'fixed',
        },
      ],
    });
    expect(advisories.map(({ id }) => id)).toEqual([
      'CVE-2099-0001',
      'CVE-2099-0001',
      'CVE-2099-0002',
      'CVE-2099-0003',
      'CVE-2099-0004',
      'CVE-2099-0005',
    ]);
  });

  const place = { namespace: 'azurelinux:3.0', package: 'lamp', severity: 'Low', role: 'source' };
  it.each([
    [
      'without a fix',
      1,
      [
        {
          namespace: 'mariner:2.0',
          package: 'wick',
          role: 'source',
          lastAffected: '2-1.cm2',
          severity: 'Critical',
          status: 'open',
        },
      ],
    ],
    ['with the status "not applicable"', 2, []],
    ['with white space in the version', 3, [{ ...place, fixed: '1.4-1.azl3', status: 'fixed' }]],
    ['with several versions in one text', 4, [{ ...place, status: 'unknown' }]],
    ['without a release', 5, []],
  ])('%s', async (_, index, affected) => {
    const { advisories } = await readDocument(parseAzureLinux, DOCUMENT);
    expect(advisories[index]?.affected).toEqual(affected);
  });

  it('returns diagnostics for malformed content', async () => {
    const { recordDiagnostics } = await readDocument(parseAzureLinux, DOCUMENT);
    expect(withMessages(recordDiagnostics)).toEqual({
      count: 2,
      skipped: 1,
      examples: [
        'CVE-2099-0004 lamp treated as affected: rpm rejects the version "0:1.1-2,1.2-1.azl3"',
        'CVE-2099-0005 skipped: it names no release',
      ],
    });
  });
});
