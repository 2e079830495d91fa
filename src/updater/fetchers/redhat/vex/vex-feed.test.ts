import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { compress as zstd } from 'zstd-napi';
import { tarOf } from '../../../../bytes/testing/tar-builder.ts';
import type { HttpAnswer, HttpClient } from '../../../../bytes/http/client.ts';
import { ClairError } from '../../../../errors.ts';
import type { FetchOutcome, FeedValidators } from '../../../feed/fetcher.ts';
import { redhat } from '../fetcher.ts';

/** Files by path below the address of the documents, or by address. If the value is an error, the request fails. */
type Mirror = Record<string, string | Buffer | Error>;

type Read = {
  readonly ids: readonly string[];
  readonly scope: string | undefined;
  readonly gone: readonly string[];
  readonly diagnostics: number;
  readonly repositories: readonly string[];
  readonly validators: FeedValidators;
};

const BASE = 'https://mirror.test/data/csaf/v2/vex/';
const REPOSITORIES = 'https://mirror.test/data/metrics/repository-to-cpe.json';
const TEXT = readFileSync(new URL('../testdata/vex/cve-2099-0001.json', import.meta.url), 'utf8');

function document(number: string): string {
  return TEXT.replaceAll('CVE-2099-0001', `CVE-2099-${number}`);
}

function line(number: string, time: string): string {
  return `"2099/cve-2099-${number}.json","2099-01-${time}:00+00:00"\n`;
}

function archive(...numbers: readonly string[]): Buffer {
  return zstd(tarOf(...numbers.map((each) => ({ name: `2099/cve-2099-${each}.json`, content: document(each) }))));
}

const ARCHIVE = archive('0001', '0002', '0003', '0004');

function repositoryList(...names: readonly string[]): string {
  const cpes = ['cpe:/o:redhat:enterprise_linux:9::baseos'];
  return JSON.stringify({ data: Object.fromEntries(names.map((name) => [name, { cpes }])) });
}

/**
 * Returns a mirror with an archive of 3 January, one change before it, one change on each of the two days after it, and
 * one deletion after it.
 */
function mirror(): Mirror {
  return {
    'archive_latest.txt': 'csaf_vex_2099-01-03.tar.zst\n',
    'csaf_vex_2099-01-03.tar.zst': ARCHIVE,
    'changes.csv': line('0005', '05T10:00') + line('0002', '04T10:00') + line('0001', '02T10:00'),
    'deletions.csv': line('0003', '04T11:00'),
    [REPOSITORIES]: repositoryList('base'),
    '2099/cve-2099-0002.json': document('0002'),
    '2099/cve-2099-0005.json': document('0005'),
  };
}

/**
 * Returns a client that serves gzip-compressed texts, with the length of a file as its entity tag and the day before
 * the archive as Last-Modified.
 */
function clientOf(files: Mirror, asked: string[] = []): HttpClient {
  return {
    async get(url, options): Promise<HttpAnswer> {
      const path = url.startsWith(BASE) ? url.slice(BASE.length) : url;
      asked.push(path);
      const file = files[path];
      if (file === undefined) throw new ClairError('bytes/not-found', `${url} responded with status 404`);
      if (file instanceof Error) throw file;
      const etag = `"${file.length}"`;
      if (options?.headers?.['if-none-match'] === etag) return { status: 304 };
      const body = (async function* (): AsyncGenerator<Uint8Array> {
        yield typeof file === 'string' ? gzipSync(file, { level: 1 }) : file;
      })();
      return { status: 200, headers: { etag, 'last-modified': 'Fri, 02 Jan 2099 00:00:00 GMT' }, body };
    },
    close: async () => {},
  };
}

async function fetchFrom(files: Mirror, validators?: FeedValidators, asked?: string[]): Promise<Read | undefined> {
  const http = clientOf(files, asked);
  const outcome = await redhat.fetch({ http, url: BASE, ...(validators && { validators }) });
  return outcome.kind === 'not-modified' ? undefined : await readAll(outcome);
}

async function readAll(outcome: Extract<FetchOutcome, { kind: 'advisories' }>): Promise<Read> {
  const ids: string[] = [];
  for await (const { id } of outcome.advisories) ids.push(id.slice('CVE-2099-'.length));
  const { scope, gone = [], recordDiagnostics, validators, repositories = new Map() } = outcome;
  return { ids, scope, gone, diagnostics: recordDiagnostics.count, validators, repositories: [...repositories.keys()] };
}

describe('the first fetch', () => {
  it('reads the archive, and changed documents instead of their archived versions', async () => {
    expect(await fetchFrom(mirror())).toMatchObject({
      ids: ['0001', '0004', '0002', '0005'],
      scope: 'all',
      diagnostics: 0,
      repositories: ['base'],
    });
  });

  it('uses Last-Modified as the time of an archive without a date in its name', async () => {
    const { 'csaf_vex_2099-01-03.tar.zst': bytes, ...files } = mirror();
    const newer = { ...files, 'archive_latest.txt': 'vex-archive.tar.zst', 'vex-archive.tar.zst': bytes! };
    const changed = { ...newer, '2099/cve-2099-0001.json': document('0001') };
    expect(await fetchFrom(changed)).toMatchObject({ ids: ['0004', '0001', '0002', '0005'], scope: 'all' });
  });

  it('skips a changed document that no longer exists', async () => {
    const { '2099/cve-2099-0002.json': _gone, ...files } = mirror();
    expect(await fetchFrom(files)).toMatchObject({ ids: ['0001', '0004', '0005'] });
  });

  it('continues without the list of repositories and records a diagnostic', async () => {
    const { [REPOSITORIES]: _none, ...files } = mirror();
    expect(await fetchFrom(files)).toMatchObject({
      ids: ['0001', '0004', '0002', '0005'],
      diagnostics: 1,
      repositories: [],
    });
  });

  it('is repeated when the state of the last fetch is unknown', async () => {
    expect(await fetchFrom(mirror(), { etag: '"of an older version"' })).toMatchObject({ scope: 'all' });
  });

  it.each<[string, Mirror, string]>([
    ['the name of the archive is invalid', { 'archive_latest.txt': '../secret' }, 'feed/invalid'],
    ['the archive is missing', { 'archive_latest.txt': 'csaf_vex_2099-01-09.tar.zst' }, 'bytes/not-found'],
    [
      'the archive is truncated',
      { 'csaf_vex_2099-01-03.tar.zst': archive('0001').subarray(0, 200) },
      'bytes/truncated',
    ],
    ['the archive is empty', { 'csaf_vex_2099-01-03.tar.zst': archive() }, 'feed/invalid'],
    ['the list of repositories is an HTML page', { [REPOSITORIES]: '<html>moved</html>' }, 'feed/invalid'],
    ['a list of changes is an HTML page', { 'changes.csv': '<html>moved</html>' }, 'feed/invalid'],
    [
      'a document cannot be read',
      { '2099/cve-2099-0005.json': new ClairError('bytes/unreachable', 'status 500') },
      'bytes/unreachable',
    ],
  ])('fails when %s', async (_, files, code) => {
    await expect(fetchFrom({ ...mirror(), ...files })).rejects.toMatchObject({ code });
  });
});

describe('a later fetch', () => {
  let first: FeedValidators;
  beforeAll(async () => {
    first = (await fetchFrom(mirror()))!.validators;
  });

  it('returns not-modified when neither list changed', async () => {
    const asked: string[] = [];
    expect(await fetchFrom(mirror(), first, asked)).toBeUndefined();
    expect(asked).toEqual([REPOSITORIES, 'changes.csv', 'deletions.csv']);
  });

  it('reads only the list of repositories if only this list changed, and again only after the next change of the list', async () => {
    const validators = first;
    const files: Mirror = { ...mirror(), [REPOSITORIES]: repositoryList('base', 'tools') };
    const second = await fetchFrom(files, validators);
    expect(second).toMatchObject({ scope: 'changed', gone: [], repositories: ['base', 'tools'] });
    expect(await fetchFrom(files, second!.validators)).toBeUndefined();
    const changed = { ...files, 'changes.csv': line('0005', '06T10:00') + String(files['changes.csv']) };
    expect(await fetchFrom(changed, second!.validators)).toMatchObject({ ids: ['0005'], repositories: [] });
  });

  it('keeps the repositories when their list no longer exists', async () => {
    const { [REPOSITORIES]: _gone, ...files } = mirror();
    expect(await fetchFrom(files, first)).toBeUndefined();
  });

  it('reads only documents that changed since the last fetch or at its time, and returns deleted documents', async () => {
    const files = {
      ...mirror(),
      'changes.csv': line('0006', '06T10:00') + String(mirror()['changes.csv']),
      'deletions.csv': line('0004', '06T11:00') + String(mirror()['deletions.csv']),
      '2099/cve-2099-0006.json': document('0006'),
    };
    const asked: string[] = [];
    const second = await fetchFrom(files, first, asked);
    expect(second).toMatchObject({ ids: ['0005', '0006'], scope: 'changed', gone: ['CVE-2099-0004'] });
    expect(asked.some((path) => path.endsWith('.tar.zst'))).toBe(false);
    expect(await fetchFrom(files, second!.validators)).toBeUndefined();
  });

  it('returns a document as deleted when it is missing or marked as deleted', async () => {
    const files = {
      ...mirror(),
      'changes.csv': line('0007', '07T10:00') + line('0006', '06T10:00') + String(mirror()['changes.csv']),
      '2099/cve-2099-0007.json': '{"document": {"tracking": {"id": "CVE-2099-0007", "status": "deleted"}}}',
    };
    expect(await fetchFrom(files, first)).toMatchObject({
      ids: ['0005'],
      gone: ['CVE-2099-0006', 'CVE-2099-0007'],
    });
  });

  it('records a diagnostic for a malformed document and continues', async () => {
    const files = {
      ...mirror(),
      'changes.csv': `${String(mirror()['changes.csv'])}\n\n`,
      '2099/cve-2099-0005.json': '{',
    };
    expect(await fetchFrom(files, first)).toMatchObject({
      ids: [],
      scope: 'changed',
      gone: [],
      diagnostics: 1,
    });
  });

  it('reads many changed documents in the order of their paths', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => String(1000 + index));
    const files = mirror();
    for (const number of numbers) files[`2099/cve-2099-${number}.json`] = document(number);
    files['changes.csv'] = numbers.map((each) => line(each, '08T10:00')).join('') + String(files['changes.csv']);
    const { ids } = (await fetchFrom(files, first))!;
    expect(ids).toEqual(['0005', ...numbers]);
  });

  it('reads the archive when the lists do not reach back to the last fetch', async () => {
    const files = {
      ...mirror(),
      'archive_latest.txt': 'csaf_vex_2099-01-20.tar.zst',
      'csaf_vex_2099-01-20.tar.zst': archive('0001', '0009'),
      'changes.csv': line('0009', '20T10:00'),
      'deletions.csv': '',
      '2099/cve-2099-0009.json': document('0009'),
    };
    expect(await fetchFrom(files, first)).toMatchObject({ ids: ['0001', '0009'], scope: 'all' });
  });

  it('fails completely when one document fails', async () => {
    const files = {
      ...mirror(),
      'changes.csv': line('0006', '06T10:00') + String(mirror()['changes.csv']),
      '2099/cve-2099-0006.json': new ClairError('bytes/unreachable', 'cut off'),
    };
    await expect(fetchFrom(files, first)).rejects.toMatchObject({ code: 'bytes/unreachable' });
  });
});
