import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { advisoriesOf, clientOf, NO_HTTP } from '../../testing/feed-documents.ts';
import { chainguard } from './fetcher.ts';

const SECDB = fileURLToPath(new URL('testdata/security.json', import.meta.url));

describe('the Chainguard secdb', () => {
  it('has one namespace', async () => {
    const outcome = await chainguard.fetch({ http: NO_HTTP, from: SECDB });
    const base = { namespace: 'chainguard', severity: 'Unknown', status: 'fixed' };
    const link = 'https://images.chainguard.dev/security/';
    const id = 'CVE-2099-0001';
    expect(await advisoriesOf(outcome)).toEqual([
      // This advisory comes first, because JavaScript objects list integer keys first.
      { id: 'CVE-2099-0002', link: `${link}CVE-2099-0002`, description: '', affected: [] },
      { id, link: `${link}${id}`, description: '', affected: [{ ...base, package: 'gears', fixed: '1.2-r3' }] },
      {
        id: 'GHSA-cfgh-jmpq-rvwx',
        link: `${link}GHSA-cfgh-jmpq-rvwx`,
        description: '',
        affected: [{ ...base, package: 'gears', fixed: '1.2-r3' }],
      },
      { id, link: `${link}${id}`, description: '', affected: [{ ...base, package: 'cogs', fixed: '2.0-r0' }] },
    ]);
    expect(outcome).toMatchObject({ recordDiagnostics: { count: 0 } });
  });

  it.each([
    ['an HTML page', '<html>Log in first</html>', 'feed/invalid'],
    ['empty', '', 'feed/empty'],
    ['truncated', '{"packages":[', 'feed/invalid'],
    ['without packages', '{"packages":[]}', 'feed/invalid'],
  ])('is rejected when it is %s', async (_, content, code) => {
    const http = clientOf({ [chainguard.url]: { content } });
    await expect(chainguard.fetch({ http }).then(advisoriesOf)).rejects.toMatchObject({ code });
    expect([...http.open]).toEqual([]);
  });
});
