import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../database/testing/packages.ts';
import { allBytes } from '../bytes/all-bytes.ts';
import type { HttpClient } from '../bytes/http/client.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Advisory } from '../model/advisories/advisory.ts';
import type { FetchContext, Fetcher, FetchOutcome } from './feed/fetcher.ts';
import type { UpdateProgress } from './update-progress.ts';
import { noRecordDiagnostics } from './advisories/record-diagnostics.ts';
import { createUpdater, type Updater, type UpdaterSettings } from './updater.ts';

let store: Store;
let time: number;
beforeEach(async () => {
  time = 1000;
  store = await memoryStore({ time: () => time });
});
afterEach(() => store.close());

const http: HttpClient = {
  get: async () => await Promise.reject(new Error('nobody fetches here')),
  close: async () => {},
};

function updaterOf(
  answer: (context: FetchContext) => FetchOutcome | Promise<FetchOutcome>,
  version = 1,
  settings: UpdaterSettings = {},
): Updater {
  const fetcher: Fetcher = {
    id: 'debian',
    version,
    scheme: 'dpkg',
    distributions: ['debian'],
    url: 'https://feed.test',
    fetch: async (context) => answer(context),
  };
  return createUpdater({ store, fetchers: [fetcher], http, now: () => time, settings });
}

function outcome(advisories: readonly Advisory[], etag?: string): FetchOutcome {
  return {
    kind: 'advisories',
    advisories: (async function* each() {
      yield* advisories;
    })(),
    recordDiagnostics: noRecordDiagnostics(),
    validators: etag === undefined ? {} : { etag },
  };
}

const one = advisory('CVE-1', { package: 'a', fixed: '2' });

describe('an update', () => {
  it('merges the parts with the same identifier in any order', async () => {
    const parts = [
      advisory('CVE-2', { package: 'a' }),
      advisory('CVE-1', { package: 'b' }),
      advisory('CVE-2', { package: 'b' }),
    ];
    const updater = updaterOf(() => outcome(parts));
    const counts = { added: 2, changed: 0, withdrawn: 0, unchanged: 0 };
    expect(await updater.update('debian')).toMatchObject({ kind: 'updated', counts });
    const [record] = await store.vulnerabilities.find('CVE-2');
    expect(record?.affected.map((of) => of.package)).toEqual(['a', 'b']);
    parts.reverse();
    expect(await updater.update('debian')).toMatchObject({ counts: { changed: 0, unchanged: 2 } });
  });

  it('sends validators if the stored data came from upstream', async () => {
    const asked: unknown[] = [];
    const updater = updaterOf(({ validators }) => {
      asked.push(validators);
      return validators === undefined ? outcome([one], '"1"') : { kind: 'not-modified' };
    });
    await updater.update('debian');
    time = 2000;
    expect(await updater.update('debian')).toEqual({ kind: 'not-modified' });
    expect(asked).toEqual([undefined, { etag: '"1"' }]);
    expect(await store.feeds.find('debian')).toMatchObject({
      lastAttempt: 2000,
      lastSuccess: 2000,
      vulnerabilities: 1,
    });
  });

  it('reads everything again with a newer fetcher and after a local file', async () => {
    const asked: unknown[] = [];
    const answer = ({ validators, from }: FetchContext): FetchOutcome => {
      asked.push(validators);
      return outcome([one], from === undefined ? '"1"' : undefined);
    };
    await updaterOf(answer, 1).update('debian');
    await updaterOf(answer, 2).update('debian');
    await updaterOf(answer, 2).update('debian', { from: 'file' });
    await updaterOf(answer, 2).update('debian');
    expect(asked).toEqual([undefined, undefined, { etag: '"1"' }, undefined]);
  });

  it('changes nothing and records the error when the feed breaks before its end', async () => {
    await updaterOf(() => outcome([one])).update('debian');
    time = 2000;
    const broken: FetchOutcome = {
      ...outcome([]),
      kind: 'advisories',
      recordDiagnostics: noRecordDiagnostics(),
      validators: {},
      advisories: (async function* each() {
        yield advisory('CVE-2', { package: 'a' });
        throw new ClairError('feed/truncated', 'the feed is cut off');
      })(),
    };
    await expect(updaterOf(() => broken).update('debian')).rejects.toMatchObject({ code: 'feed/truncated' });
    expect(await store.vulnerabilities.find('CVE-2')).toEqual([]);
    expect(await store.vulnerabilities.find('CVE-1')).toHaveLength(1);
    expect(await store.feeds.find('debian')).toMatchObject({
      lastAttempt: 2000,
      lastSuccess: 1000,
      error: 'the feed is cut off',
    });
  });

  it('runs in one process at a time and always releases its lock', async () => {
    const lock = 'update:debian';
    await store.locks.acquire(lock, 'another process', 60_000);
    const updater = updaterOf(() => outcome([one]));
    await expect(updater.update('debian')).rejects.toMatchObject({ code: 'update/locked' });
    expect(await store.feeds.find('debian')).toBeUndefined();
    await store.locks.release(lock, 'another process');
    const failing = updaterOf(() => {
      throw new ClairError('bytes/unreachable', 'no network');
    });
    await expect(failing.update('debian')).rejects.toMatchObject({ code: 'bytes/unreachable' });
    expect(await updater.update('debian')).toMatchObject({ kind: 'updated' });
  });

  it.each<[string, () => FetchOutcome]>([
    ['with new data', () => outcome([advisory('CVE-2', { package: 'a' })])],
    ['unmodified', () => ({ kind: 'not-modified' })],
    [
      'with a failure',
      () => {
        throw new ClairError('bytes/unreachable', 'no network');
      },
    ],
  ])('that ends %s after another process took its lease writes nothing', async (_what, end) => {
    const late = updaterOf(async () => {
      time += 60_000;
      await updaterOf(() => outcome([one], 'of the other')).update('debian');
      time += 1000;
      return end();
    });
    await expect(late.update('debian')).rejects.toMatchObject({ code: 'database/lease-lost' });
    expect(await store.vulnerabilities.find('CVE-1')).toHaveLength(1);
    expect(await store.vulnerabilities.find('CVE-2')).toEqual([]);
    const state = { lastAttempt: 61_000, lastSuccess: 61_000, error: null, etag: 'of the other' };
    expect(await store.feeds.find('debian')).toMatchObject(state);
  });

  it('with only changes keeps the rest', async () => {
    await updaterOf(() => outcome([one, advisory('CVE-2', { package: 'b' })])).update('debian');
    const changes = { ...outcome([advisory('CVE-3', { package: 'c' })]), scope: 'changed', gone: ['CVE-2'] } as const;
    const counts = { added: 1, changed: 0, withdrawn: 1, unchanged: 0 };
    expect(await updaterOf(() => changes).update('debian')).toMatchObject({ counts });
    expect(await store.vulnerabilities.find('CVE-1')).toHaveLength(1);
  });

  it('uses the configured address and a cache directory per feed', async () => {
    let asked: FetchContext | undefined;
    const settings = { addresses: { debian: 'https://mirror.test/json' }, cache: '/var/cache/clair' };
    const updater = updaterOf((context) => ((asked = context), outcome([one])), 1, settings);
    await updater.update('debian');
    expect(asked).toMatchObject({ url: 'https://mirror.test/json', cache: '/var/cache/clair/debian' });
  });

  it('does not use the network when offline, but reads files', async () => {
    const offline = (settings: UpdaterSettings = {}): Updater =>
      updaterOf(() => outcome([one]), 1, { ...settings, offline: true });
    await expect(offline().update('debian')).rejects.toMatchObject({ code: 'update/offline' });
    const mirrored = offline({ addresses: { debian: 'https://mirror.test/json' } });
    await expect(mirrored.update('debian')).rejects.toMatchObject({ code: 'update/offline' });
    expect(await offline().update('debian', { from: 'file' })).toMatchObject({ kind: 'updated' });
    expect(await offline({ addresses: { debian: 'file:///feed' } }).update('debian')).toMatchObject({
      kind: 'updated',
    });
  });

  it('stores the time after which the feed is stale if it succeeds', async () => {
    await updaterOf(() => outcome([one]), 1, { staleAfter: 1000 }).update('debian');
    expect(await store.feeds.find('debian')).toMatchObject({ staleAfter: 1000 });
    const failing = updaterOf(
      () => {
        throw new ClairError('bytes/unreachable', 'no network');
      },
      1,
      { staleAfter: 2000 },
    );
    await expect(failing.update('debian')).rejects.toMatchObject({ code: 'bytes/unreachable' });
    expect(await store.feeds.find('debian')).toMatchObject({ staleAfter: 1000, error: 'no network' });
    await updaterOf(() => outcome([one])).update('debian');
    expect(await store.feeds.find('debian')).toMatchObject({ staleAfter: null });
  });

  it('reports its progress', async () => {
    const told: UpdateProgress[] = [];
    const body = async function* each(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(1000);
      yield Buffer.alloc(500);
    };
    const fetcher: Fetcher = {
      id: 'debian',
      version: 1,
      scheme: 'dpkg',
      distributions: ['debian'],
      url: 'https://feed.test',
      async fetch(context) {
        const answer = await context.http.get('https://feed.test');
        if ('body' in answer) await allBytes(answer.body, 10_000);
        return outcome([one, advisory('CVE-2', { package: 'b' })]);
      },
    };
    const answering = { get: async () => ({ status: 200, headers: {}, body: body() }) as const };
    const updater = createUpdater({ store, fetchers: [fetcher], http: answering, now: () => time });
    await updater.update('debian', { progress: (progress) => told.push(progress) });
    expect(told.map(({ phase, bytes, records }) => `${phase} ${bytes} ${records}`)).toEqual([
      'reading 1000 0',
      'reading 1500 0',
      'reading 1500 1',
      'reading 1500 2',
      'storing 1500 1',
      'storing 1500 2',
    ]);
  });

  it.each<[namespace: string, feeds: readonly string[]]>([
    ['debian:12', ['debian']],
    ['debian', ['debian']],
    ['debian-derivative:12', []],
    ['rhel:9', []],
    ['', []],
  ])('for %s updates %j', (namespace, feeds) => {
    expect(updaterOf(() => outcome([])).feedsOf(namespace)).toEqual(feeds);
  });

  it('is rejected for an unknown feed', async () => {
    await expect(updaterOf(() => outcome([])).update('redhat')).rejects.toMatchObject({ code: 'feed/unknown' });
  });
});
