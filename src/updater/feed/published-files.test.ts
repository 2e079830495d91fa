import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { clientWith } from '../testing/published-feeds.ts';
import type { FetchContext } from './fetcher.ts';
import { openPublishedFiles } from './published-files.ts';

const FILES = {
  url: 'https://example.com/oval/',
  files: ['one.xml', 'two.xml.gz'],
  wants: (name: string): boolean => name.endsWith('.xml'),
};

const body = Buffer.from('<a/>');
const folder = mkdtempSync(join(tmpdir(), 'clair-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of ['one.xml', 'notes.txt']) writeFileSync(join(folder, name), body);

describe('files that are published in one directory', () => {
  it.each([
    ['are read where they are published', {}, 'https://example.com/oval/'],
    ['are read below a configured address', { url: 'https://mirror.test/a/' }, 'https://mirror.test/a/'],
    [
      'are read below a configured address without a trailing slash',
      { url: 'https://mirror.test/a' },
      'https://mirror.test/a/',
    ],
  ])('%s', async (_, context, base) => {
    const http = clientWith({ [`${base}one.xml`]: body, [`${base}two.xml.gz`]: body });
    expect(await namesOf({ http, ...context })).toEqual(['one.xml', 'two.xml']);
    expect(http.asked).toEqual([`${base}one.xml`, `${base}two.xml.gz`]);
  });

  it.each(['https://mirror.test/three.xml', 'https://mirror.test/three.xml.bz2'])(
    'may be one document at a configured address: %s',
    async (url) => {
      const http = clientWith({ [url]: body });
      await namesOf({ http, url });
      expect(http.asked).toEqual([url]);
    },
  );

  it('fail together when one is missing', async () => {
    const http = clientWith({ 'https://example.com/oval/one.xml': body });
    await expect(namesOf({ http })).rejects.toMatchObject({ code: 'bytes/not-found' });
  });

  it.each([
    ['in a directory', { from: folder }],
    ['in a directory, with a configured address', { url: pathToFileURL(folder).href }],
  ])('are read from a local source %s', async (_, context) => {
    const http = clientWith({});
    expect(await namesOf({ http, ...context })).toEqual(['one.xml']);
    expect(http.asked).toEqual([]);
  });
});

async function namesOf(context: FetchContext): Promise<readonly string[]> {
  const feed = await openPublishedFiles(FILES, context);
  if (feed.kind !== 'documents') throw new Error(feed.kind);
  const names: string[] = [];
  for await (const document of feed.documents) {
    names.push(document.name);
    for await (const chunk of document.stream) expect(chunk.length).toBeGreaterThan(0);
  }
  return names;
}
