import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { clientWith, enrichmentsOf, streamOf } from '../../testing/enrichment-document.ts';
import type { HttpAnswer, HttpClient } from '../../../bytes/http/client.ts';
import { ClairError } from '../../../errors.ts';
import type { FeedValidators } from '../../feed/fetcher.ts';
import type { EnrichmentOutcome } from '../enricher.ts';
import { fetchNvd, nvd } from './enricher.ts';

const LAST_YEAR = 2003;

type Upstream = Readonly<Record<string, { text: string; at: string } | undefined>>;

function feedOf(...cves: string[]): string {
  return JSON.stringify({ vulnerabilities: cves.map((id) => ({ cve: { id, metrics: {} } })) });
}

function upstreamOf(change: Upstream = {}): Upstream {
  return {
    '2002': { text: feedOf('CVE-1999-0001', 'CVE-2002-0001'), at: '2099-01-10T03:00:00-04:00' },
    '2003': { text: feedOf('CVE-2003-0001'), at: '2099-01-10T03:00:00-04:00' },
    modified: { text: feedOf('CVE-2003-0001'), at: '2099-01-10T12:00:00-04:00' },
    ...change,
  };
}

function clientOf(upstream: Upstream, asked: string[], base: string = nvd.url): HttpClient {
  const answers: Record<string, () => HttpAnswer> = {};
  for (const [name, file] of Object.entries(upstream)) {
    const sha256 = createHash('sha256')
      .update(file?.text ?? '')
      .digest('hex')
      .toUpperCase();
    const meta = `lastModifiedDate:${file?.at}\r\nsize:1\r\nzipSize:1\r\ngzSize:1\r\nsha256:${sha256}\r\n`;
    const missing = (): never => {
      throw new ClairError('bytes/not-found', `there is no ${name}`);
    };
    answers[`${base}nvdcve-2.0-${name}.meta`] = () => (file === undefined ? missing() : answerOf(Buffer.from(meta)));
    answers[`${base}nvdcve-2.0-${name}.json.gz`] = () => answerOf(gzipSync(file?.text ?? ''));
  }
  return clientWith(answers, asked);
}

function answerOf(bytes: Uint8Array): HttpAnswer {
  return { status: 200, headers: {}, body: streamOf(bytes) };
}

type Reading = {
  cves: readonly string[];
  read: readonly string[];
  scope: 'all' | 'changed' | undefined;
  validators: FeedValidators;
};

async function fetchFrom(upstream: Upstream, validators?: FeedValidators): Promise<Reading> {
  const asked: string[] = [];
  const outcome = await fetchNvd({ http: clientOf(upstream, asked), ...(validators && { validators }) }, LAST_YEAR);
  if (outcome.kind !== 'enrichments') return { cves: [], read: [], scope: undefined, validators: {} };
  const cves = (await enrichmentsOf(outcome)).map(({ cve }) => cve);
  const read = asked.flatMap((url) => /2\.0-(\w+)\.json\.gz$/.exec(url)?.[1] ?? []);
  return { cves, read, scope: outcome.scope, validators: outcome.validators };
}

describe('the NVD', () => {
  it('reads all files the first time, the recent changes last', async () => {
    const { cves, read, scope } = await fetchFrom(upstreamOf());
    expect(read).toEqual(['2002', '2003', 'modified']);
    expect(cves).toEqual(['CVE-1999-0001', 'CVE-2002-0001', 'CVE-2003-0001', 'CVE-2003-0001']);
    expect(scope).toBe('all');
  });

  it('reads nothing when no file changed', async () => {
    const { validators } = await fetchFrom(upstreamOf());
    const asked: string[] = [];
    const outcome = await fetchNvd({ http: clientOf(upstreamOf(), asked), validators }, LAST_YEAR);
    expect(outcome).toEqual({ kind: 'not-modified' });
    expect(asked.every((url) => url.endsWith('.meta'))).toBe(true);
  });

  it('reads only the recent changes while they reach back to the last fetch', async () => {
    const { validators } = await fetchFrom(upstreamOf());
    const later = upstreamOf({
      '2002': { text: feedOf('CVE-2002-0002'), at: '2099-01-16T03:00:00-04:00' },
      modified: { text: feedOf('CVE-2002-0002'), at: '2099-01-16T12:00:00-04:00' },
    });
    const second = await fetchFrom(later, validators);
    expect([second.read, second.cves, second.scope]).toEqual([['modified'], ['CVE-2002-0002'], 'changed']);
    const muchLater = upstreamOf({
      '2002': { text: feedOf('CVE-2002-0002'), at: '2099-01-16T03:00:00-04:00' },
      modified: { text: feedOf('CVE-2003-0001'), at: '2099-01-23T12:00:00-04:00' },
    });
    const third = await fetchFrom(muchLater, second.validators);
    expect([third.read, third.scope]).toEqual([['2002', 'modified'], 'changed']);
    expect((await fetchFrom(muchLater, third.validators)).read).toEqual([]);
  });

  it('reads all files when the previous fetch is unknown', async () => {
    expect((await fetchFrom(upstreamOf(), { etag: '"1"' })).scope).toBe('all');
  });

  it('tolerates a missing file only for the current year', async () => {
    const { read, scope } = await fetchFrom(upstreamOf({ '2003': undefined }));
    expect([read, scope]).toEqual([['2002', 'modified'], 'all']);
    await expect(fetchFrom(upstreamOf({ '2002': undefined }))).rejects.toMatchObject({ code: 'bytes/not-found' });
  });

  it('rejects a file that does not match its .meta', async () => {
    const file = { text: feedOf('CVE-2003-0001'), at: '2099-01-10T03:00:00-04:00' };
    const http = clientOf(upstreamOf({ '2003': file }), []);
    file.text = feedOf('CVE-2003-0002');
    const outcome = await fetchNvd({ http }, LAST_YEAR);
    await expect(enrichmentsOf(outcome)).rejects.toMatchObject({ code: 'bytes/corrupt' });
    expect(outcome).toMatchObject({ validators: {} });
  });

  it('rejects a malformed .meta', async () => {
    const page = (): HttpAnswer => answerOf(Buffer.from('<html>'));
    const http = clientWith({ [`${nvd.url}nvdcve-2.0-2002.meta`]: page });
    await expect(fetchNvd({ http }, LAST_YEAR)).rejects.toMatchObject({ code: 'feed/invalid' });
  });

  it('reads from a mirror', async () => {
    const asked: string[] = [];
    const http = clientOf(upstreamOf(), asked, 'https://mirror.test/nvd/');
    const outcome = await fetchNvd({ http, url: 'https://mirror.test/nvd' }, LAST_YEAR);
    expect(await enrichmentsOf(outcome)).toHaveLength(4);
    expect(asked.every((url) => url.startsWith('https://mirror.test/nvd/nvdcve-2.0-'))).toBe(true);
  });
});

describe('the NVD from local files', () => {
  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  });

  async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'clair-nvd-'));
    folders.push(folder);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return folder;
  }

  it('reads all its files in a directory and no other files', async () => {
    const from = await folderWith({
      'nvdcve-2.0-2002.json': feedOf('CVE-2002-0001'),
      'nvdcve-2.0-modified.json': feedOf('CVE-2002-0002'),
      'README.json': '{}',
    });
    const outcome: EnrichmentOutcome = await nvd.fetch({ http: clientWith({}), from });
    expect((await enrichmentsOf(outcome)).map(({ cve }) => cve)).toEqual(['CVE-2002-0001', 'CVE-2002-0002']);
    expect(outcome).toMatchObject({ scope: 'all', validators: {} });
  });

  it.each([
    ['no file of the NVD', {}, 'feed/empty'],
    ['another document', { 'nvdcve-2.0-2002.json': '{"a":1}' }, 'feed/invalid'],
    ['an empty file', { 'nvdcve-2.0-2002.json': '' }, 'feed/empty'],
    ['an HTML page', { 'nvdcve-2.0-2002.json': '<html>' }, 'feed/invalid'],
  ])('rejects %s', async (_, files, code) => {
    const from = await folderWith(files);
    const reading = async (): Promise<unknown> => await enrichmentsOf(await nvd.fetch({ http: clientWith({}), from }));
    await expect(reading()).rejects.toMatchObject({ code });
  });
});
