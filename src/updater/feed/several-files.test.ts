import { describe, expect, it } from 'vitest';
import { type AnsweringClient, clientOf, collected, type Served } from '../testing/feed-documents.ts';
import { openFeedFiles } from './several-files.ts';
import type { FeedValidators } from './fetcher.ts';

const AT = 'https://feeds.example.org/';
const FILES = ['a', 'b', 'c'].map((name) => ({ name: `${name}.json`, url: `${AT}${name}.json` }));
const SERVED: Readonly<Record<string, Served>> = Object.fromEntries(
  FILES.map(({ name, url }) => [url, { content: name, etag: `"${name} 1"` }]),
);

async function read(
  http: AnsweringClient,
  validators?: FeedValidators,
): Promise<{ readonly lines: readonly string[]; readonly validators: FeedValidators } | 'not-modified'> {
  const feed = await openFeedFiles(FILES, AT, { http, ...(validators && { validators }) });
  if (feed.kind === 'not-modified') return feed.kind;
  const lines: string[] = [];
  for await (const { name, where, stream } of feed.documents) {
    lines.push(`${name} ${where} ${Buffer.concat(await collected(stream)).toString()}`);
  }
  return { lines, validators: feed.validators };
}

async function validatorsOf(served: Readonly<Record<string, Served>>): Promise<FeedValidators> {
  const result = await read(clientOf(served));
  if (result === 'not-modified') throw new Error(result);
  return result.validators;
}

describe('a feed of several files', () => {
  it('is read file by file', async () => {
    const http = clientOf(SERVED);
    expect(await read(http)).toMatchObject({
      lines: ['a.json', 'b.json', 'c.json'].map((name) => `${name} ${AT}${name} ${name}`),
    });
    expect([...http.open]).toEqual([]);
  });

  it('is not read when no file changed', async () => {
    expect(await read(clientOf(SERVED), await validatorsOf(SERVED))).toBe('not-modified');
  });

  it('is read completely when one file changed, that file first', async () => {
    const changed = { ...SERVED, [`${AT}b.json`]: { content: 'new', etag: '"b.json 2"' } };
    const http = clientOf(changed);
    const result = await read(http, await validatorsOf(SERVED));
    expect(result).toMatchObject({
      lines: [`b.json ${AT}b.json new`, `a.json ${AT}a.json a.json`, `c.json ${AT}c.json c.json`],
    });
    if (result === 'not-modified') throw new Error(result);
    expect(await read(clientOf(changed), result.validators)).toBe('not-modified');
    expect(http.asked.map(({ url, headers }) => `${url.slice(AT.length)} ${headers['if-none-match'] ?? ''}`)).toEqual([
      'a.json "a.json 1"',
      'b.json "b.json 1"',
      'a.json ',
      'c.json ',
    ]);
  });

  it.each<[string, FeedValidators]>([
    ['of another set of files', { etag: JSON.stringify({ 'a.json': { etag: '"a.json 1"' } }) }],
    ['of a feed of one file', { etag: '"v1"' }],
    ['a date', { lastModified: 'Thu, 01 Jan 2099 00:00:00 GMT' }],
  ])('is read completely when the validators are %s', async (_, validators) => {
    const http = clientOf(SERVED);
    expect(await read(http, validators)).toMatchObject({ lines: { length: 3 } });
    expect(http.asked.every(({ headers }) => headers['if-none-match'] === undefined)).toBe(true);
  });

  it('has no validators when one of its files has none', async () => {
    const served = { ...SERVED, [`${AT}b.json`]: { content: 'b' } };
    expect(await validatorsOf(served)).toEqual({});
  });

  it('has no validators before the end of the iteration', async () => {
    const feed = await openFeedFiles(FILES, AT, { http: clientOf(SERVED) });
    if (feed.kind !== 'documents') throw new Error(feed.kind);
    const documents = feed.documents[Symbol.asyncIterator]();
    const { value } = await documents.next();
    await collected(value.stream);
    await documents.return?.();
    expect(feed.validators).toEqual({});
  });

  it('closes the connection of a skipped file', async () => {
    const http = clientOf(SERVED);
    const feed = await openFeedFiles(FILES, AT, { http });
    if (feed.kind !== 'documents') throw new Error(feed.kind);
    for await (const { name } of feed.documents) if (name === 'b.json') break;
    expect([...http.open]).toEqual([]);
    expect(http.asked).toHaveLength(2);
  });

  it('fails when a file is missing', async () => {
    const { [`${AT}c.json`]: _, ...served } = SERVED;
    await expect(read(clientOf(served))).rejects.toThrow('nothing is served');
  });

  it('is not read further after an abort', async () => {
    const controller = new AbortController();
    const feed = await openFeedFiles(FILES, AT, { http: clientOf(SERVED), signal: controller.signal });
    if (feed.kind !== 'documents') throw new Error(feed.kind);
    const documents = feed.documents[Symbol.asyncIterator]();
    await documents.next();
    controller.abort(new Error('enough'));
    await expect(documents.next()).rejects.toThrow('enough');
  });
});
