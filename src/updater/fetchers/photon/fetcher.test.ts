import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { clientWith, idsOf } from '../../testing/published-feeds.ts';
import { photon } from './fetcher.ts';

const FOLDER = 'https://packages.vmware.com/photon/photon_oval_definitions/';
const FILES = ['com.vmware.phsa-photon3.xml', 'com.vmware.phsa-photon4.xml', 'com.vmware.phsa-photon5.xml'];
const DOCUMENT = new URL('testdata/phsa.xml', import.meta.url);
const IDS = ['PHSA-5.0-184', 'CVE-2099-0003', 'CVE-2099-0004'];

describe('VMware’s OVAL', () => {
  it('is read from the published files', async () => {
    const body = await readFile(DOCUMENT);
    const http = clientWith(Object.fromEntries(FILES.map((name) => [`${FOLDER}${name}`, body])));
    const outcome = await photon.fetch({ http });
    expect(await idsOf(outcome)).toEqual(FILES.flatMap(() => IDS));
    expect(http.asked).toEqual(FILES.map((name) => `${FOLDER}${name}`));
    expect(outcome).toMatchObject({ validators: { etag: expect.stringContaining(FILES[0]!) } });
  });

  it('is read from a local file', async () => {
    const outcome = await photon.fetch({ http: clientWith({}), from: fileURLToPath(DOCUMENT) });
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
    const outcome = await photon.fetch({ http, url: 'https://mirror.test/feed.xml' });
    await expect(idsOf(outcome)).rejects.toMatchObject({ code });
  });
});
