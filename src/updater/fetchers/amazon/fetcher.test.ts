import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpClient } from '../../../bytes/http/client.ts';
import { ClairError } from '../../../errors.ts';
import type { FeedValidators, FetchOutcome } from '../../feed/fetcher.ts';
import { amazon } from './fetcher.ts';

const CDN = 'https://cdn.amazonlinux.com';
const AL1 = 'http://repo.us-west-2.amazonaws.com/2018.03';
const LOCAL = fileURLToPath(new URL('testdata', import.meta.url));

describe('the Amazon Linux repositories', () => {
  it('are found through their mirrors, and all their advisories are read', async () => {
    const { http, asked } = upstream();
    const outcome = await amazon.fetch({ http });
    expect(await idsOf(outcome)).toEqual([
      'ALAS-2099-1',
      'ALAS2-2099-1',
      'ALAS2-2099-2',
      'ALAS2023-2099-1',
      'ALAS2023-2099-2',
      'ALAS2DOCKER-2099-1',
    ]);
    expect(outcome).toMatchObject({
      recordDiagnostics: { count: 0 },
      validators: { etag: expect.stringContaining('2/core/x86_64') },
    });
    expect(asked).toContain(`${CDN}/2/core/9/aarch64/repodata/repomd.xml`);
  });

  it('are not read while their checksums stay the same', async () => {
    const validators = await validatorsOf(upstream());
    const { http, asked } = upstream();
    expect(await amazon.fetch({ http, validators })).toEqual({ kind: 'not-modified' });
    expect(asked.filter((url) => url.includes('updateinfo'))).toEqual([]);
  });

  it.each<[string, Answers]>([
    ['one has changed', repository(`${CDN}/2/core/9/x86_64/`, 'ALAS2-2099-9')],
    ['one was removed', { [`${CDN}/2/extras/docker/latest/x86_64/mirror.list`]: 403 }],
  ])('are all read when %s', async (_, change) => {
    const validators = await validatorsOf(upstream());
    const outcome = await amazon.fetch({ http: upstream(change).http, validators });
    expect((await idsOf(outcome)).length).toBeGreaterThan(4);
  });

  it('may be on the second mirror', async () => {
    const change = {
      [`${CDN}/2/core/latest/x86_64/mirror.list`]: `https://gone.example/\n${CDN}/2/core/9/$basearch\n`,
    };
    expect(await idsOf(await amazon.fetch({ http: upstream(change).http }))).toContain('ALAS2-2099-1');
  });

  it.each<[string, Answers, string]>([
    ['a repository is missing', { [`${CDN}/2/core/latest/x86_64/mirror.list`]: 404 }, 'bytes/not-found'],
    ['the list of extras is truncated', { [`${CDN}/2/extras-catalog.json`]: '{"topics":' }, 'feed/invalid'],
    ['an extra has an invalid name', { [`${CDN}/2/extras-catalog.json`]: '{"topics":[{"n":"../x"}]}' }, 'feed/invalid'],
    ['the list of extras is empty', { [`${CDN}/2/extras-catalog.json`]: '[]' }, 'feed/invalid'],
    ['the mirror list is empty', { [`${CDN}/2/core/latest/x86_64/mirror.list`]: 'file:///etc\n\n' }, 'feed/invalid'],
    ['the metadata is an HTML page', { [`${CDN}/2/core/9/x86_64/repodata/repomd.xml`]: '<html/>' }, 'feed/invalid'],
    [
      'the metadata lists no advisories',
      { [`${CDN}/2/core/9/x86_64/repodata/repomd.xml`]: '<repomd/>' },
      'feed/invalid',
    ],
    [
      'the metadata is truncated',
      { [`${CDN}/2/core/9/x86_64/repodata/repomd.xml`]: '<repomd><data>' },
      'feed/truncated',
    ],
  ])('fail when %s', async (_, change, code) => {
    await expect(amazon.fetch({ http: upstream(change).http })).rejects.toMatchObject({ code });
  });

  it.each<[string, Answers, string]>([
    ['different from their checksum', { [`${CDN}/2/core/9/x86_64/u.xml.gz`]: 'other' }, 'bytes/corrupt'],
    ['missing', { [`${CDN}/2/core/9/x86_64/u.xml.gz`]: 404 }, 'bytes/not-found'],
    ['truncated', repository(`${CDN}/2/core/9/x86_64/`, 'A', (whole) => whole.subarray(0, -10)), 'bytes/truncated'],
    [
      'listed with an unknown hash function',
      { [`${CDN}/2/core/9/x86_64/repodata/repomd.xml`]: repomd('crc', '1') },
      'feed/invalid',
    ],
  ])('fail during iteration when the advisories are %s', async (_, change, code) => {
    const outcome = await amazon.fetch({ http: upstream(change).http });
    await expect(idsOf(outcome)).rejects.toMatchObject({ code });
  });
});

describe('a configured file or address instead of the repositories', () => {
  it.each(['', '/updateinfo.xml'])('is read: testdata%s', async (path) => {
    const outcome = await amazon.fetch({ http: upstream().http, from: `${LOCAL}${path}` });
    expect(await idsOf(outcome)).toHaveLength(4);
    expect(outcome).toMatchObject({ validators: {}, recordDiagnostics: { count: 6 } });
  });

  it('is read from an address', async () => {
    const url = 'https://mirror.example/updateinfo.xml.gz';
    const body = gzipSync(readFileSync(`${LOCAL}/updateinfo.xml`));
    const outcome = await amazon.fetch({ http: upstream({ [url]: body }).http, url });
    expect(await idsOf(outcome)).toHaveLength(4);
  });
});

type Answers = Readonly<Record<string, string | Buffer | 403 | 404>>;

function upstream(change: Answers = {}): { readonly http: HttpClient; readonly asked: string[] } {
  const answers: Answers = {
    [`${CDN}/2/extras-catalog.json`]: JSON.stringify({ topics: [{ n: 'docker' }, { n: 'lynis' }, { n: 'docker' }] }),
    [`${AL1}/updates/x86_64/mirror.list`]: 'http://mirror.example/1\n',
    ...repository('http://mirror.example/1/', 'ALAS-2099-1'),
    ...Object.fromEntries(
      ['x86_64', 'aarch64'].flatMap((arch) => [
        [`${CDN}/2/core/latest/${arch}/mirror.list`, `${CDN}/2/core/9/${arch}\n`],
        [`${CDN}/al2023/core/mirrors/latest/${arch}/mirror.list`, `${CDN}/al2023/core/7/$basearch/\n`],
      ]),
    ),
    ...repository(`${CDN}/2/core/9/x86_64/`, 'ALAS2-2099-1'),
    ...repository(`${CDN}/2/core/9/aarch64/`, 'ALAS2-2099-2'),
    ...repository(`${CDN}/al2023/core/7/x86_64/`, 'ALAS2023-2099-1'),
    ...repository(`${CDN}/al2023/core/7/aarch64/`, 'ALAS2023-2099-2'),
    [`${CDN}/2/extras/docker/latest/x86_64/mirror.list`]: `${CDN}/2/extras/docker/1\n`,
    ...repository(`${CDN}/2/extras/docker/1/`, 'ALAS2DOCKER-2099-1'),
    // This repository has no advisories.
    [`${CDN}/2/extras/lynis/latest/x86_64/mirror.list`]: `${CDN}/2/extras/lynis/1\n`,
    [`${CDN}/2/extras/lynis/1/repodata/repomd.xml`]: '<repomd/>',
    [`${CDN}/2/extras/lynis/latest/aarch64/mirror.list`]: 403,
    ...change,
  };
  const asked: string[] = [];
  const get: HttpClient['get'] = async (url, options = {}) => {
    asked.push(url);
    return answerOf(answers[url] ?? 404, url, options.refusals ?? []);
  };
  return { http: { get, close: async () => {} }, asked };
}

function answerOf(answer: Answers[string], url: string, refusals: readonly number[]): HttpAnswer {
  if (answer === 403 && refusals.includes(403)) return { status: 403, headers: {} };
  if (typeof answer === 'number') throw new ClairError('bytes/not-found', `${url}: ${answer}`);
  const body = (async function* () {
    yield Buffer.from(answer);
  })();
  return { status: 200, headers: {}, body };
}

/**
 * Returns the files of a repository with one advisory. `change` modifies the file of advisories before the checksum is
 * computed.
 */
function repository(address: string, id: string, change = (bytes: Buffer): Buffer => bytes): Answers {
  const text = `<updates><update type="security"><id>${id}</id><severity>low</severity></update></updates>`;
  const bytes = change(gzipSync(text));
  return {
    [`${address}repodata/repomd.xml`]: repomd('sha256', createHash('sha256').update(bytes).digest('hex')),
    [`${address}u.xml.gz`]: bytes,
  };
}

function repomd(type: string, checksum: string): string {
  return `<repomd><data type="updateinfo"><checksum type="${type}">${checksum}</checksum><location href="u.xml.gz"/></data></repomd>`;
}

async function validatorsOf({ http }: { readonly http: HttpClient }): Promise<FeedValidators> {
  const outcome = await amazon.fetch({ http });
  await idsOf(outcome);
  return outcome.kind === 'advisories' ? outcome.validators : {};
}

async function idsOf(outcome: FetchOutcome): Promise<string[]> {
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  const ids: string[] = [];
  for await (const advisory of outcome.advisories) ids.push(advisory.id);
  return ids;
}
