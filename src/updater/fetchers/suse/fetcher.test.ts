import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { clientWith, idsOf } from '../../testing/published-feeds.ts';
import { suse } from './fetcher.ts';

const FOLDER = 'https://ftp.suse.com/pub/projects/security/oval/';
const FILES = [
  'suse.linux.enterprise.12-affected.xml.gz',
  'suse.linux.enterprise.15-affected.xml.gz',
  'suse.linux.enterprise.16-affected.xml.gz',
];
const DOCUMENT = new URL('testdata/affected.xml', import.meta.url);
const IDS = ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003', 'CVE-2099-0005'];

describe('SUSE’s OVAL', () => {
  it('is read from the published files', async () => {
    const body = await readFile(DOCUMENT);
    const http = clientWith(Object.fromEntries(FILES.map((name) => [`${FOLDER}${name}`, body])));
    const outcome = await suse.fetch({ http });
    expect(await idsOf(outcome)).toEqual(FILES.flatMap(() => IDS));
    expect(http.asked).toEqual(FILES.map((name) => `${FOLDER}${name}`));
    expect(outcome).toMatchObject({ validators: { etag: expect.stringContaining(FILES[0]!) } });
  });

  it('is read from a local file', async () => {
    const outcome = await suse.fetch({ http: clientWith({}), from: fileURLToPath(DOCUMENT) });
    expect(await idsOf(outcome)).toEqual(IDS);
  });

  it.each([
    ['an empty file', '', 'feed/empty'],
    ['an HTML page', '<html><body>Too many requests</body></html>', 'feed/invalid'],
    ['JSON', '{}', 'feed/invalid'],
    ['a truncated document', '<oval_definitions><definitions><definition>', 'feed/truncated'],
    ['a document without definitions', '<oval_definitions><definitions/></oval_definitions>', 'feed/empty'],
    [
      'definitions without content',
      '<oval_definitions><definitions><definition/></definitions></oval_definitions>',
      'feed/invalid',
    ],
  ])('rejects %s', async (_, text, code) => {
    const http = clientWith({ 'https://mirror.test/feed.xml': Buffer.from(text) });
    const outcome = await suse.fetch({ http, url: 'https://mirror.test/feed.xml' });
    await expect(idsOf(outcome)).rejects.toMatchObject({ code });
  });
});
