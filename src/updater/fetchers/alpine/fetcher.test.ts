import { describe, expect, it } from 'vitest';
import { type AnsweringClient, advisoriesOf, clientOf, type Served } from '../../testing/feed-documents.ts';
import { alpine } from './fetcher.ts';

/** Returns a directory listing as nginx generates it. */
function indexOf(...names: readonly string[]): Served {
  const links = ['../', ...names].map((name) => `<a href="${name}">${name}</a>   01-Jan-2099 00:00   -`);
  return { content: `<html><head><title>Index of /</title></head><body><pre>${links.join('\n')}</pre></body></html>` };
}

function secdbOf(distroversion: string, id: string): Served {
  const packages = [{ pkg: { name: 'gears', secfixes: { '1.2-r3': [id] } } }];
  return { content: JSON.stringify({ distroversion, packages }), etag: `"${id}"` };
}

function siteAt(url: string): Readonly<Record<string, Served>> {
  return {
    [url]: indexOf('edge/', 'v3.2/', 'last-update', 'license.txt'),
    [`${url}edge/`]: indexOf('community.json', 'main.json'),
    [`${url}v3.2/`]: indexOf('main.json', 'main.yaml'),
    [`${url}edge/main.json`]: secdbOf('edge', 'CVE-2099-0001'),
    [`${url}edge/community.json`]: secdbOf('edge', 'CVE-2099-0002'),
    [`${url}v3.2/main.json`]: secdbOf('v3.2', 'CVE-2099-0003'),
  };
}

const MIRROR = 'https://mirror.example.org/alpine/secdb/';

async function idsFrom(http: AnsweringClient, url?: string): Promise<readonly string[]> {
  const advisories = await advisoriesOf(await alpine.fetch({ http, ...(url !== undefined && { url }) }));
  expect([...http.open]).toEqual([]);
  return advisories.map(({ id, affected }) => `${id} ${affected[0]?.namespace}`);
}

describe('the Alpine secdb', () => {
  it.each([
    ['where it is published', alpine.url, undefined],
    ['from a mirror', MIRROR, MIRROR],
  ])('is read %s: all files that the index pages list', async (_, at, url) => {
    const http = clientOf(siteAt(at));
    expect(await idsFrom(http, url)).toEqual([
      'CVE-2099-0002 alpine:edge',
      'CVE-2099-0001 alpine:edge',
      'CVE-2099-0003 alpine:v3.2',
    ]);
    expect(http.asked.map((request) => request.url.slice(at.length))).toEqual([
      '',
      'edge/',
      'v3.2/',
      'edge/community.json',
      'edge/main.json',
      'v3.2/main.json',
    ]);
  });

  it('is not read when no file changed, and read completely when a file changed', async () => {
    const site = siteAt(alpine.url);
    const outcome = await alpine.fetch({ http: clientOf(site) });
    await advisoriesOf(outcome);
    if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
    const { validators } = outcome;
    expect(await alpine.fetch({ http: clientOf(site), validators })).toEqual({ kind: 'not-modified' });

    const changed = { ...site, [`${alpine.url}v3.2/main.json`]: secdbOf('v3.2', 'CVE-2099-0004') };
    const ids = (await advisoriesOf(await alpine.fetch({ http: clientOf(changed), validators }))).map(({ id }) => id);
    expect(ids).toEqual(['CVE-2099-0004', 'CVE-2099-0002', 'CVE-2099-0001']);
  });

  it('is read when a new branch appears', async () => {
    const site = siteAt(alpine.url);
    const outcome = await alpine.fetch({ http: clientOf(site) });
    await advisoriesOf(outcome);
    if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
    const grown = {
      ...site,
      [alpine.url]: indexOf('edge/', 'v3.2/', 'v3.99/'),
      [`${alpine.url}v3.99/`]: indexOf('main.json'),
      [`${alpine.url}v3.99/main.json`]: secdbOf('v3.99', 'CVE-2099-0005'),
    };
    const http = clientOf(grown);
    const advisories = await advisoriesOf(await alpine.fetch({ http, validators: outcome.validators }));
    expect(advisories.map(({ id }) => id)).toContain('CVE-2099-0005');
  });

  it('may be an archive or one file at a configured address', async () => {
    const url = 'https://mirror.example.org/main.json';
    expect(await idsFrom(clientOf({ [url]: secdbOf('v3.18', 'CVE-2099-0006') }), url)).toEqual([
      'CVE-2099-0006 alpine:v3.18',
    ]);
  });

  it.each<[string, Readonly<Record<string, Served>>]>([
    ['lists no branch', { [MIRROR]: indexOf('last-update') }],
    ['is truncated', { [MIRROR]: { content: '<html><pre><a href="v3.2/">v3.2/</a>' } }],
    ['is empty', { [MIRROR]: { content: '' } }],
    ['lists a branch without files', { ...siteAt(MIRROR), [`${MIRROR}v3.2/`]: indexOf('license.txt') }],
  ])('is rejected when an index page %s', async (_, site) => {
    await expect(idsFrom(clientOf(site), MIRROR)).rejects.toMatchObject({ code: 'feed/invalid' });
  });

  it.each<[string, string, string]>([
    ['an HTML page', '<html>Try again later</html>', 'feed/invalid'],
    ['empty', '', 'feed/empty'],
    ['truncated', '{"distroversion":"edge"', 'feed/invalid'],
  ])('is rejected as a whole when one of its files is %s', async (_, content, code) => {
    const http = clientOf({ ...siteAt(MIRROR), [`${MIRROR}edge/main.json`]: { content } });
    await expect(idsFrom(http, MIRROR)).rejects.toMatchObject({ code });
    expect([...http.open]).toEqual([]);
  });
});
