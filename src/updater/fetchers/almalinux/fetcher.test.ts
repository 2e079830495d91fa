import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { advisoriesOf, clientOf } from '../../testing/feed-documents.ts';
import { almalinux } from './fetcher.ts';

const RECORD = await readFile(new URL('testdata/ALSA-2099:0001.json', import.meta.url));

describe('the AlmaLinux errata', () => {
  it.each([
    ['where osv.dev publishes them', undefined, almalinux.url],
    ['at a configured address', 'https://mirror.example.org/all.zip', 'https://mirror.example.org/all.zip'],
  ])('are read from %s', async (_, url, expected) => {
    const http = clientOf({ [expected]: { content: RECORD, etag: '"v1"' } });
    const outcome = await almalinux.fetch({ http, ...(url !== undefined && { url }) });
    expect((await advisoriesOf(outcome)).map(({ id }) => id)).toEqual(['ALSA-2099:0001']);
    expect(outcome).toMatchObject({ validators: { etag: '"v1"' } });
    expect([...http.open]).toEqual([]);
  });

  it('are not read when nothing changed', async () => {
    const http = clientOf({ [almalinux.url]: { content: RECORD, etag: '"v1"' } });
    expect(await almalinux.fetch({ http, validators: { etag: '"v1"' } })).toEqual({ kind: 'not-modified' });
  });

  it.each([
    ['an HTML page', '<html>Log in first</html>', 'feed/invalid'],
    ['empty', '', 'feed/empty'],
    ['truncated', RECORD.subarray(0, 200), 'feed/invalid'],
  ])('are rejected when they are %s', async (_, content, code) => {
    const http = clientOf({ [almalinux.url]: { content } });
    await expect(almalinux.fetch({ http }).then(advisoriesOf)).rejects.toMatchObject({ code });
  });
});
