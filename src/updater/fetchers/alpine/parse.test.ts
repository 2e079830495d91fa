import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { advisoriesOf, NO_HTTP, parsed } from '../../testing/feed-documents.ts';
import { alpine } from './fetcher.ts';
import { parseAlpineJson } from './parse.ts';

const TESTDATA = fileURLToPath(new URL('testdata', import.meta.url));

describe('the Alpine secdb', () => {
  it('is read from a copy of the site, with every branch', async () => {
    const outcome = await alpine.fetch({ http: NO_HTTP, from: TESTDATA });
    const advisories = await advisoriesOf(outcome);
    expect(advisories.map(({ id, affected }) => ({ id, affected }))).toEqual([
      { id: 'CVE-2099-0001', affected: [fixed('alpine:edge', 'gears', '1.3-r0')] },
      { id: 'CVE-2099-0001', affected: [] },
      {
        id: 'CVE-2099-0002',
        affected: [
          fixed('alpine:v3.18', 'cogs', '2'),
          { ...fixed('alpine:v3.18', 'cogs', '3'), introduced: '2', status: 'unknown' },
        ],
      },
      { id: 'CVE-2099-0001', affected: [fixed('alpine:v3.18', 'gears', '1.2-r3')] },
      { id: 'CVE-2099-0001', affected: [fixed('alpine:v3.2', 'gears', '1.10')] },
    ]);
    expect(advisories.map(({ aliases }) => aliases)).toContainEqual(['XSA-900']);
    expect(new Set(advisories.map(({ link }) => link))).toContain(
      'https://security.alpinelinux.org/vuln/CVE-2099-0001',
    );
    expect(outcome).toMatchObject({ recordDiagnostics: { count: 1 } });
  });

  it.each(['3.18', 'v3', 'latest', '', 318])('is rejected with the release %j', async (distroversion) => {
    const reading = parsed(parseAlpineJson, { distroversion, packages: [] });
    await expect(reading).rejects.toMatchObject({ code: 'feed/invalid' });
  });
});

function fixed(namespace: string, name: string, version: string): object {
  return { namespace, package: name, fixed: version, severity: 'Unknown', status: 'fixed' };
}
