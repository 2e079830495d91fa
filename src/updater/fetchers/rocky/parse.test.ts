import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { advisoriesOf, NO_HTTP } from '../../testing/feed-documents.ts';
import { rocky } from './fetcher.ts';

const TESTDATA = fileURLToPath(new URL('testdata', import.meta.url));

describe('the Rocky Linux errata', () => {
  it('have their CVEs; errata of special interest groups and bug fixes are skipped', async () => {
    const outcome = await rocky.fetch({ http: NO_HTTP, from: TESTDATA });
    const base = { namespace: 'rocky:9', package: 'gears', status: 'fixed', role: 'source' };
    expect(await advisoriesOf(outcome)).toEqual([
      {
        id: 'RLSA-2099:0001',
        link: 'https://errata.rockylinux.org/RLSA-2099:0001',
        description: 'Gears may jam.',
        aliases: ['CVE-2099-0001'],
        affected: [{ ...base, fixed: '1.2-3.el9_1', severity: 'High' }],
      },
      {
        id: 'RLSA-2099:0002',
        link: 'https://errata.rockylinux.org/RLSA-2099:0002',
        description: 'Gears may jam.',
        aliases: ['CVE-2099-0002'],
        affected: [{ ...base, fixed: '1:3.3-1.module+el9.4.0+1+aaaaaaaa', severity: 'Low', module: 'gears:3.3' }],
      },
    ]);
    expect(outcome).toMatchObject({ recordDiagnostics: { count: 0 } });
  });
});
