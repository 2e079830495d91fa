import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/published-feeds.ts';
import { parsePhoton } from './parse.ts';

const DOCUMENT = new URL('testdata/phsa.xml', import.meta.url);

describe('Photon OS OVAL', () => {
  it('returns an advisory under its reference, with the CVEs that it fixes', async () => {
    const { advisories } = await readDocument(parsePhoton, DOCUMENT);
    const range = { namespace: 'photon:5.0', fixed: '0:1.2-3.ph5', severity: 'High', status: 'fixed' };
    expect(advisories[0]).toEqual({
      id: 'PHSA-5.0-184',
      link: 'https://example.com/Security-Updates-5.0-184',
      description: 'This update puts out a made-up lamp.',
      aliases: ['CVE-2099-0001', 'CVE-2099-0002'],
      affected: [
        { ...range, package: 'lamp' },
        { ...range, package: 'lamp-devel' },
      ],
    });
  });

  it('returns CVEs when there is no reference, and uses the platform when the criteria name no release', async () => {
    const { advisories, recordDiagnostics } = await readDocument(parsePhoton, DOCUMENT);
    const affected = [
      { namespace: 'photon:5.0', package: 'wick', fixed: '0:3-1.ph5', severity: 'Low', status: 'fixed' },
    ];
    expect(advisories.slice(1)).toMatchObject([
      { id: 'CVE-2099-0003', link: 'https://example.com/CVE-2099-0003', affected },
      { id: 'CVE-2099-0004', link: 'https://example.com/CVE-2099-0004', affected },
    ]);
    expect(recordDiagnostics.count).toBe(0);
  });
});
