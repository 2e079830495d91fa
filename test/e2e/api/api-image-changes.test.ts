/** Tests the changes of an image since a date: first a feed changes, then the reference moves to another image. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { knowImage } from '../../../src/worker/testing/indexed-image.ts';

type Rating = { readonly version: string; readonly severity: string; readonly fixedIn: string | null };
type Changes = {
  readonly since: string;
  readonly comparedWith: { readonly digest: string; readonly scannedAt: string } | null;
  readonly baseline: string | null;
  readonly isWhole: boolean;
  readonly knownFrom: string | null;
  readonly changes: readonly {
    readonly kind: string;
    readonly cause: string;
    readonly at: string | null;
    readonly vulnerability: string;
    readonly package: string;
    readonly before: Rating | null;
    readonly after: Rating | null;
  }[];
};

const UNKNOWN = `sha256:${'0'.repeat(64)}`;

let server: ClairServer;
let api: DocumentedApi;
const digests: Record<'old' | 'current', string> = { old: '', current: '' };
const times: Record<'empty' | 'first' | 'changed', string> = { empty: '', first: '', changed: '' };

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  times.empty = await moment();
  await update((feed) => {
    delete feed['openssl']?.['CVE-2099-0002'];
  });
  digests.old = await scan('old', 2);
  times.first = await moment();
  await update((feed) => {
    const [release] = Object.values(feed['curl']?.['CVE-2099-0003']?.releases ?? {});
    if (release !== undefined) release.urgency = 'high';
  });
  times.changed = await moment();
  digests.current = await scan('current', 3);
});
afterAll(() => server.close());

async function moment(): Promise<string> {
  await setTimeout(5);
  const time = new Date().toISOString();
  await setTimeout(5);
  return time;
}

type Feed = Record<string, Record<string, { releases: Record<string, { urgency?: string }> }>>;

async function update(change: (feed: Feed) => void): Promise<void> {
  const feed: Feed = JSON.parse(readFileSync(DEMO_FEED, 'utf8'));
  change(feed);
  const path = join(server.folder, 'feed.json');
  writeFileSync(path, JSON.stringify(feed));
  await server.clair.updater.update('debian', { from: path });
}

async function scan(name: string, layers: number): Promise<string> {
  const folder = join(server.folder, name);
  writeOciLayout(folder, (await buildDemoLayers()).slice(0, layers), 'app:1');
  return (await knowImage(server.clair.worker, `oci:${folder}`)).image.digest;
}

async function changes(digest: string, since: string): Promise<Changes> {
  const { status, body } = await api.send<Changes>('GET', `/v2/images/${digest}/changes?since=${since}`);
  expect(status).toBe(200);
  return body;
}

const words = ({ changes: all }: Changes): readonly string[] =>
  all.map(({ kind, cause, vulnerability, package: name }) => `${kind} by ${cause}: ${vulnerability} ${name}`);

describe('the changes of an image', () => {
  it('compare its current findings with the findings of the earlier image of its reference', async () => {
    const since = await changes(digests.current, times.first);
    expect(words(since)).toEqual([
      'new by data: CVE-2099-0002 libssl3',
      'new by data: CVE-2099-0002 openssl',
      'fixed by image: CVE-2099-0001 libssl3',
      'fixed by image: CVE-2099-0001 openssl',
      'fixed by image: CVE-2099-0003 curl',
      'fixed by image: CVE-2099-0003 libcurl4',
    ]);
    expect(since).toMatchObject({ since: times.first, isWhole: true, knownFrom: null });
    expect(since.comparedWith?.digest).toBe(digests.old);
    const [first] = since.changes;
    expect(first).toMatchObject({ before: null, after: { severity: 'Low', fixedIn: null } });
    expect(first?.at !== null && first !== undefined && first.at > times.first && first.at < times.changed).toBe(true);
    expect(since.changes.at(-1)).toMatchObject({ at: null, after: null, before: { version: '7.88.1-10+deb12u4' } });
  });

  it('come from the data alone when the image is the same', async () => {
    const since = await changes(digests.old, times.first);
    expect(words(since)).toEqual([
      'new by data: CVE-2099-0002 libssl3',
      'new by data: CVE-2099-0002 openssl',
      'rescored by data: CVE-2099-0003 curl',
      'rescored by data: CVE-2099-0003 libcurl4',
    ]);
    expect(since.comparedWith?.digest).toBe(digests.old);
    expect(since.changes[2]).toMatchObject({
      feed: 'debian',
      before: { severity: 'Medium', fixedIn: '7.88.1-10+deb12u5' },
      after: { severity: 'High', fixedIn: '7.88.1-10+deb12u5' },
    });
  });

  it('start at the first analysis and the first update when there was no earlier image or data', async () => {
    const since = await changes(digests.old, times.empty);
    expect(since).toMatchObject({ comparedWith: { digest: digests.old }, isWhole: true });
    expect(since.baseline !== null && since.baseline > times.empty && since.baseline <= times.first).toBe(true);
    expect(words(since)).toEqual(words(await changes(digests.old, times.first)));
  });

  it('come from the image alone after the last change of the data', async () => {
    expect(new Set((await changes(digests.current, times.changed)).changes.map(({ cause }) => cause))).toEqual(
      new Set(['image']),
    );
  });

  it('accept a day as the start', async () => {
    expect(await changes(digests.old, '2026-01-01')).toMatchObject({ since: '2026-01-01T00:00:00.000Z' });
    expect(await changes(digests.old, '2026-01-01T01:00%2B01:00')).toMatchObject({ since: '2026-01-01T00:00:00.000Z' });
  });

  it.each([
    ['', /since/],
    ['?since=', /is invalid: use a day or a time/],
    ['?since=yesterday', /is invalid: use a day or a time/],
    ['?since=2026-02-30', /is invalid: use a day or a time/],
    ['?since=2026-01-01T10:00', /is invalid: use a day or a time/],
    ['?since=2026-01-01T25:00Z', /is invalid: use a day or a time/],
    ['?since=2026-01-01T10:00:00+01:00', /%2B01:00/],
    ['?since=1767225600000', /is invalid: use a day or a time/],
    ['?since=9999-01-01', /must not be in the future/],
  ])('with %s are rejected', async (query, message) => {
    const error = { code: 'request/invalid', message: expect.stringMatching(message), remedy: expect.any(String) };
    expect(await api.ask('GET', `/v2/images/${digests.old}/changes${query}`)).toEqual([400, { error }]);
  });

  it('are 404 for an unknown image', async () => {
    expect(await api.ask('GET', `/v2/images/${UNKNOWN}/changes?since=2026-01-01`)).toMatchObject([
      404,
      { error: { code: 'image/unknown' } },
    ]);
  });
});
