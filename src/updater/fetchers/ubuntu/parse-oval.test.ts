import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/published-feeds.ts';
import { parseUbuntuOval } from './parse-oval.ts';
import { withMessages } from '../../testing/record-messages.ts';

const DOCUMENT = new URL('testdata/cve.oval.xml', import.meta.url);

describe('Ubuntu OVAL', () => {
  it('returns a CVE with the states of source packages', async () => {
    const { advisories } = await readDocument(parseUbuntuOval, DOCUMENT);
    const place = { namespace: 'ubuntu:22.04', severity: 'Medium' };
    expect(advisories[0]).toEqual({
      id: 'CVE-2099-0001',
      link: 'https://ubuntu.com/security/CVE-2099-0001',
      description: 'A made-up lamp.',
      affected: [
        { ...place, package: 'lamp', fixed: '1:1.2-3ubuntu0.5', status: 'fixed' },
        { ...place, package: 'wick', status: 'open' },
        { ...place, package: 'oil', status: 'under-investigation' },
        { ...place, package: 'candle', status: 'postponed' },
        { ...place, package: 'torch', fixed: '4-1', status: 'pending' },
        { ...place, package: 'match', status: 'ignored' },
        { ...place, package: 'spark', status: 'end-of-life' },
        { ...place, package: 'ember', fixed: '2.0-1', status: 'fixed' },
        { ...place, package: 'soot', fixed: '5-1ubuntu1~esm2', status: 'fixed-for-subscribers' },
      ],
    });
  });

  it('treats unknown states as affected', async () => {
    const { advisories } = await readDocument(parseUbuntuOval, DOCUMENT);
    const range = { namespace: 'ubuntu:22.04', severity: 'Unknown', status: 'unknown' };
    expect(advisories[1]?.affected).toEqual([
      { ...range, package: 'lamp' },
      { ...range, package: 'wick' },
    ]);
    expect(advisories[2]).toMatchObject({ id: 'CVE-2099-0006', affected: [{ severity: 'Unknown', status: 'open' }] });
    expect(advisories).toHaveLength(3);
  });

  it('returns diagnostics for malformed content', async () => {
    const { recordDiagnostics } = await readDocument(parseUbuntuOval, DOCUMENT);
    expect(withMessages(recordDiagnostics)).toEqual({
      count: 5,
      skipped: 3,
      examples: [
        expect.stringMatching(
          /^CVE-2099-0002 lamp treated as affected: unknown state "lamp package .* strangely\."; wick treated as affected: .* soon; criterion skipped: missing package/,
        ),
        'CVE-2099-0004 skipped: unknown release: "CVE-2099-0004 on Ubuntu 99.04 (zany) - high"',
        'lamp skipped: unknown release: "a lamp"',
        'CVE-2099-0006 has an unknown priority: "Dire"',
        'cve.oval.xml: ignored 1 definition about special builds, which Clair does not match',
      ],
    });
  });
});
