import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientWith } from './testing/enrichment-document.ts';
import { advisory } from '../database/testing/packages.ts';
import { ENGINES } from '../database/testing/stores.ts';
import { defaultConfig } from '../config/config-file.ts';
import { openStore } from '../database/open-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Advisory } from '../model/advisories/advisory.ts';
import type { Enrichment } from '../model/enrichment.ts';
import type { RepositoryCpes } from '../model/repository-cpes.ts';
import { DEFAULT_SHRINK_BOUND } from '../model/shrink-bound.ts';
import { openExportFile } from './exchange/export-file.ts';
import { exportFeeds } from './exchange/feed-export.ts';
import { type ImportedFeed, importFeeds } from './exchange/feed-import.ts';
import type { Enricher } from './enrichers/enricher.ts';
import type { Fetcher, FetchOutcome } from './feed/fetcher.ts';
import { noRecordDiagnostics } from './advisories/record-diagnostics.ts';
import { createUpdater, type UpdateOptions, type UpdaterSettings } from './updater.ts';
import type { UpdateResult } from './update-result.ts';

function advisories(count: number, namespace = 'debian:12', from = 0): readonly Advisory[] {
  return Array.from({ length: count }, (_, place) =>
    advisory(`CVE-1-${1000 + from + place}`, { package: 'a', namespace }),
  );
}

function ofReleases(count: number, ...namespaces: readonly string[]): readonly Advisory[] {
  return namespaces.flatMap((namespace) => advisories(count, namespace));
}

type Feed = Partial<Extract<FetchOutcome, { kind: 'advisories' }>>;

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

function fetcherOf(fetch: () => FetchOutcome): Fetcher {
  const about = {
    id: 'debian',
    version: 1,
    scheme: 'dpkg',
    distributions: ['debian'],
    url: 'https://feed.test',
  } as const;
  return { ...about, fetch: async () => fetch() };
}

const outcomeOf = (said: readonly Advisory[], feed: Feed = {}): FetchOutcome => ({
  kind: 'advisories',
  advisories: each(said),
  recordDiagnostics: noRecordDiagnostics(),
  validators: {},
  ...feed,
});

it('the default limit equals the default of the configuration', () => {
  const { maxShrinkPercent: percent, maxShrinkRecords: records } = defaultConfig().updater;
  expect({ percent, records }).toEqual(DEFAULT_SHRINK_BOUND);
});

describe.each(ENGINES)('a feed that shrinks, on %s', (_name, options) => {
  let store: Store;
  let time: number;
  beforeEach(async () => {
    time = 1000;
    store = await openStore(options());
  });
  afterEach(() => store.close());

  type Choice = UpdateOptions & { readonly settings?: UpdaterSettings; readonly feed?: Feed };

  async function update(
    said: readonly Advisory[] | (() => FetchOutcome),
    { settings = {}, feed = {}, ...chosen }: Choice = {},
  ): Promise<UpdateResult> {
    const fetcher = fetcherOf(() => (typeof said === 'function' ? said() : outcomeOf(said, feed)));
    const updater = createUpdater({
      store,
      fetchers: [fetcher],
      http: clientWith({}),
      now: () => (time += 1000),
      settings,
    });
    return await updater.update('debian', chosen);
  }

  const records = async (): Promise<number | undefined> => (await store.feeds.find('debian'))?.vulnerabilities;

  it.each([
    [1000, 801],
    [1000, 800],
    [500, 400],
    [120, 20],
  ])('from %i to %i records is accepted', async (before, after) => {
    await update(advisories(before));
    expect(await update(advisories(after))).toMatchObject({ counts: { withdrawn: before - after } });
  });

  it.each([
    [1000, 799],
    [1000, 1],
    [500, 399],
    [120, 10],
  ])('from %i to %i records is rejected and keeps its data', async (before, after) => {
    await update(advisories(before));
    const message = `the feed debian shrank from ${before} to ${after} entries, by more than 20 % and by more than 100; the stored data is kept`;
    await expect(update(advisories(after))).rejects.toMatchObject({ code: 'feed/shrunk', message });
    expect(await records()).toBe(before);
    expect(await store.vulnerabilities.find(`CVE-1-${1000 + before - 1}`)).toHaveLength(1);
    expect(await store.feeds.find('debian')).toMatchObject({ error: message, refused: message, lastSuccess: 2000 });
  });

  it('is accepted on request, or with other limits in the configuration', async () => {
    await update(advisories(300));
    await expect(update(advisories(4))).rejects.toThrow('shrank');
    expect(await update(advisories(4), { allowShrink: true })).toMatchObject({ counts: { withdrawn: 296 } });
    expect(await store.feeds.find('debian')).toMatchObject({ vulnerabilities: 4, error: null, refused: null });
    await update(advisories(300));
    await update(advisories(40), { settings: { maxShrink: { percent: 90, records: 100 } } });
    await update(advisories(300));
    await update(advisories(40), { settings: { maxShrink: { percent: 20, records: 260 } } });
    await expect(update(advisories(39), { settings: { maxShrink: { percent: 0, records: 0 } } })).rejects.toThrow(
      'to 39',
    );
  });

  it('may replace all its records by the same number of other records', async () => {
    await update(advisories(300));
    expect(await update(advisories(300, 'debian:12', 300))).toMatchObject({ counts: { added: 300, withdrawn: 300 } });
  });

  it.each<[string, readonly Advisory[], string]>([
    [
      'most of one release',
      [...advisories(300), ...advisories(10, 'debian:13')],
      'debian:13 in the feed debian shrank from 300 to 10 vulnerabilities',
    ],
    ['one release', advisories(300), 'debian:13 in the feed debian shrank from 300 to 0'],
    [
      'one release while another appears',
      ofReleases(300, 'debian:12', 'debian:14'),
      'debian:13 in the feed debian shrank from 300',
    ],
  ])('is also checked per release: losing %s is rejected', async (_what, next, refusal) => {
    await update(ofReleases(300, 'debian:12', 'debian:13'));
    await expect(update(next)).rejects.toThrow(refusal);
    expect(await store.feeds.covering('debian:13')).toEqual(['debian']);
    expect(await store.feeds.covering('debian:14')).toEqual([]);
  });

  it('may drop an end-of-life release entirely, but not partially', async () => {
    time = Date.parse('2026-11-27');
    await update(ofReleases(300, 'debian:7', 'debian:12'));
    await expect(update([...advisories(300), ...advisories(10, 'debian:7')])).rejects.toThrow('debian:7 in the feed');
    await update(advisories(300));
    expect(await store.feeds.covering('debian:7')).toEqual([]);
  });

  it('may shrink a little in each release', async () => {
    await update(ofReleases(300, 'debian:12', 'debian:13'));
    expect(await update(ofReleases(250, 'debian:12', 'debian:13'))).toMatchObject({ counts: { withdrawn: 50 } });
  });

  it('is checked the same way when it returns only changes', async () => {
    await update(advisories(300));
    const ids = advisories(300).map(({ id }) => id);
    const feed = { scope: 'changed' } as const;
    await update([], { feed: { ...feed, gone: ids.slice(0, 60) } });
    expect(await records()).toBe(240);
    await expect(update([], { feed: { ...feed, gone: ids.slice(60, 200) } })).rejects.toThrow('from 240 to 100');
    expect(await records()).toBe(240);
  });

  it('is rejected when its list of repositories shrinks', async () => {
    const listed = (count: number): RepositoryCpes =>
      new Map(Array.from({ length: count }, (_, place) => [`repository-${place}`, ['cpe:/a:redhat:openshift:4']]));
    await update(advisories(1), { feed: { repositories: listed(300) } });
    await expect(update(advisories(1), { feed: { repositories: listed(3) } })).rejects.toThrow(
      'the list of repositories in the feed debian shrank from 300 to 3 entries',
    );
    expect((await store.repositories.cpesOf(['repository-299'])).size).toBe(1);
  });

  it('stays refused while upstream is unreachable, until upstream equals the stored data', async () => {
    await update(advisories(300));
    await expect(update(advisories(4))).rejects.toThrow('shrank');
    const unreachable = (): never => {
      throw new ClairError('bytes/unreachable', 'no network');
    };
    await expect(update(unreachable)).rejects.toThrow('no network');
    const refused = expect.stringContaining('from 300 to 4');
    expect(await store.feeds.find('debian')).toMatchObject({ error: 'no network', refused });
    await update(() => ({ kind: 'not-modified' }));
    expect(await store.feeds.find('debian')).toMatchObject({ error: null, refused: null });
  });

  it('may be an enrichment feed', async () => {
    const listed = (count: number): readonly Enrichment[] =>
      Array.from({ length: count }, (_, place) => ({ cve: `CVE-2099-${1000 + place}`, value: { score: 0.5 } }));
    let said = listed(300);
    const enricher: Enricher = {
      id: 'epss',
      kind: 'epss',
      version: 1,
      url: 'https://list.test',
      fetch: async () => ({
        kind: 'enrichments',
        enrichments: each(said),
        recordDiagnostics: noRecordDiagnostics(),
        validators: {},
      }),
    };
    const updater = createUpdater({ store, fetchers: [], enrichers: [enricher], http: clientWith({}), now: () => 1 });
    await updater.update('epss');
    said = listed(5);
    await expect(updater.update('epss')).rejects.toMatchObject({ code: 'feed/shrunk' });
    expect((await store.enrichments.ofCves(['CVE-2099-1299'])).size).toBe(1);
    expect(await store.feeds.find('epss')).toMatchObject({ refused: expect.stringContaining('from 300 to 5') });
    await updater.update('epss', { allowShrink: true });
    expect(await store.feeds.find('epss')).toMatchObject({ vulnerabilities: 5, refused: null });
  });

  it('is rejected by an import, unless allowed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-shrunk-'));
    const path = join(folder, 'export');
    const lists = { fetchers: [fetcherOf(() => outcomeOf([]))], enrichers: [] };
    await update(advisories(4));
    await exportFeeds(path, { store, ...lists, version: '1', now: () => 1 });
    await update(advisories(300));
    const imported = async (allowShrink: boolean): Promise<readonly ImportedFeed[]> => {
      const file = await openExportFile(path, lists);
      const done: ImportedFeed[] = [];
      const choice = { force: true, allowShrink };
      for await (const one of importFeeds(file, { store, now: () => time, ...choice })) done.push(one);
      await file.close();
      return done;
    };
    expect(await imported(false)).toMatchObject([{ feed: 'debian', error: { code: 'feed/shrunk' } }]);
    expect(await store.feeds.find('debian')).toMatchObject({ vulnerabilities: 300, refused: expect.any(String) });
    expect(await imported(true)).toMatchObject([{ counts: { withdrawn: 296 } }]);
    expect(await store.feeds.find('debian')).toMatchObject({ vulnerabilities: 4, refused: null });
    rmSync(folder, { recursive: true });
  });
});
