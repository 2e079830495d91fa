import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../database/contracts/store.ts';
import type { FeedUpdate, UpdateCounts } from '../../database/contracts/vulnerabilities.ts';
import { openStore } from '../../database/open-store.ts';
import { createAdvisoryOrder } from '../../database/queries/vulnerabilities/advisory-order.ts';
import { createEnrichmentOrder } from '../../database/queries/enrichments/enrichment-order.ts';
import { advisory } from '../../database/testing/packages.ts';
import { ENGINES } from '../../database/testing/stores.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import { EXPORT_FEEDS } from '../testing/export-builder.ts';
import { createMemoryRegistry, type MemoryRegistry } from '../testing/memory-registry.ts';
import { readArtifact } from './artifact-reader.ts';
import { readPublicKey } from './artifact-signature.ts';
import { placeBase } from './base-placement.ts';
import { type PulledFeed, pullFeeds, type PullOptions } from './database-pull.ts';
import { type Publication, publishDatabase } from './publication.ts';

const DAY = 24 * 60 * 60 * 1000;
const START = Date.parse('2026-01-01T00:00:00.000Z');
const NOW = Date.parse('2026-02-01T00:00:00.000Z');
const { signal } = new AbortController();
const KNOWN = [...EXPORT_FEEDS.fetchers, ...EXPORT_FEEDS.enrichers];

/** Enough advisories to make a delta of one advisory smaller than the feed. */
const MANY = Array.from({ length: 60 }, (_, at) =>
  advisory(`CVE-2025-${1000 + at}`, { package: `package-${at * 7919}`, fixed: `${at}.${at * 31}` }),
);
const CHANGED = advisory('CVE-2025-1003', { package: 'other', fixed: '99' });
const ADDED = advisory('CVE-2025-2000', { package: 'new', fixed: '1' });

let registry: MemoryRegistry;
beforeEach(() => void (registry = createMemoryRegistry()));

async function update(store: Store, advisories: readonly Advisory[], day: number, change: Partial<FeedUpdate> = {}) {
  const order = createAdvisoryOrder();
  for (const each of advisories) order.add(each);
  await store.vulnerabilities.update({
    feed: 'debian',
    scheme: 'dpkg',
    fetcherVersion: 3,
    advisories: order.advisories(),
    etag: `"${day}"`,
    lastModified: null,
    recordDiagnostics: { count: 1, skipped: 1, examples: [{ kind: 'skipped', message: 'one record' }] },
    at: START + day * DAY,
    ...change,
  });
  order.close();
}

async function enrich(store: Store, scores: Readonly<Record<string, number>>, day: number) {
  const order = createEnrichmentOrder();
  for (const [cve, score] of Object.entries(scores)) order.add({ cve, value: { score } });
  await store.enrichments.update({
    feed: 'first',
    kind: 'epss',
    fetcherVersion: 2,
    enrichments: order.enrichments(),
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, skipped: 0, examples: [] },
    at: START + day * DAY,
  });
  order.close();
}

async function publish(store: Store, key?: KeyObject): Promise<Publication> {
  return await publishDatabase({
    store,
    place: registry.place(),
    repository: 'registry.test/db',
    writer: registry.writer,
    ...EXPORT_FEEDS,
    version: '1.2.3',
    now: () => NOW,
    signal,
    ...(key && { key }),
  });
}

async function pull(store: Store, options: Partial<PullOptions> = {}): Promise<PulledFeed[]> {
  const place = registry.place();
  const artifact = await readArtifact(place);
  registry.requests.length = 0;
  const pulled: PulledFeed[] = [];
  for await (const each of pullFeeds({ store, place, artifact, known: KNOWN, signal, ...options })) pulled.push(each);
  return pulled;
}

async function contentOf(store: Store): Promise<unknown> {
  return await store.feedSnapshot(async (snapshot) => {
    const found: unknown[] = [];
    for (const { feed, lastSuccess, etag, vulnerabilities, recordDiagnostics } of snapshot.feeds) {
      const fingerprint = await snapshot.fingerprint(feed);
      found.push([feed, lastSuccess, etag, vulnerabilities, recordDiagnostics, fingerprint]);
      for await (const each of snapshot.advisories(feed)) found.push([each.advisory, Buffer.from(each.contentHash)]);
      found.push([...(await snapshot.repositories(feed))], await snapshot.namespaces(feed));
    }
    for await (const { cve, value } of snapshot.enrichments('epss')) found.push([cve, value]);
    return found;
  });
}

const counts = (some: Partial<UpdateCounts>): UpdateCounts => ({
  added: 0,
  changed: 0,
  withdrawn: 0,
  unchanged: 0,
  ...some,
});

describe.each(ENGINES)('a published database on %s', (_engine, options) => {
  let here: Store;
  let there: Store;
  beforeEach(async () => {
    here = await openStore(options());
    there = await openStore(options());
    await update(here, MANY, 1, { repositories: new Map([['repo', ['cpe:/o:vendor:product']]]) });
    await enrich(here, { 'CVE-2025-1000': 0.5, 'CVE-2025-1001': 0.25 }, 1);
  });
  afterEach(async () => {
    await here.close();
    await there.close();
  });

  it('fills an empty database with the content and the age of the feeds', async () => {
    await publish(here);
    expect(await pull(there)).toMatchObject([
      { feed: 'debian', kind: 'updated', fetchedAt: START + DAY, counts: counts({ added: 60 }) },
      { feed: 'first', kind: 'updated', fetchedAt: START + DAY, counts: counts({ added: 2 }) },
    ]);
    expect(await contentOf(there)).toEqual(await contentOf(here));
    expect((await there.changeLog.read({ after: 0, limit: 1 }))[0]?.isInitial).toBe(true);
    expect(await pull(there)).toMatchObject([{ kind: 'unchanged' }, { kind: 'unchanged' }]);
    expect(registry.requests).toEqual([]);
  });

  it('downloads only the changes, and logs them like an update', async () => {
    await publish(here);
    await pull(there);
    await update(here, [...MANY.filter(({ id }) => id !== 'CVE-2025-1007' && id !== CHANGED.id), CHANGED, ADDED], 2);
    await enrich(here, { 'CVE-2025-1000': 0.75, 'CVE-2025-1002': 0.1 }, 2);
    const publication = await publish(here);
    const log = (await there.changeLog.read({ after: 0, limit: 999 })).at(-1)?.id ?? 0;
    const pulled = await pull(there);
    expect(pulled).toMatchObject([
      {
        kind: 'updated',
        counts: { added: 1, changed: 1, withdrawn: 1 },
        bytes: publication.feeds[0]?.delta?.bytes,
      },
      { kind: 'updated', counts: { added: 1, changed: 1, withdrawn: 1 } },
    ]);
    expect(publication.feeds[0]).toMatchObject({ delta: { records: 2 } });
    expect(registry.requests.filter((name) => name.startsWith('blobs/'))).toHaveLength(2);
    expect(await contentOf(there)).toEqual(await contentOf(here));
    const changes = await there.changeLog.read({ after: log, limit: 99 });
    expect(changes.map(({ name, kind, isInitial }) => `${name} ${kind} ${isInitial}`).toSorted()).toEqual([
      'CVE-2025-1003 changed false',
      'CVE-2025-1007 withdrawn false',
      'CVE-2025-2000 added false',
    ]);
  });

  it('applies the deltas of several publications, each with the time of its data', async () => {
    await publish(here);
    await pull(there);
    for (const day of [2, 3, 4]) {
      await update(here, [...MANY, advisory('CVE-2026-1', { package: 'p', fixed: `${day}` })], day);
      await publish(here);
    }
    expect((await pull(there))[0]).toMatchObject({ kind: 'updated', counts: { added: 1, changed: 2 } });
    expect(await contentOf(there)).toEqual(await contentOf(here));
  });

  it('downloads the whole feed if no delta fits the stored content', async () => {
    await publish(here);
    await update(there, [ADDED], 0);
    expect((await pull(there))[0]).toMatchObject({ kind: 'updated', counts: { added: 60, withdrawn: 1 } });
    expect(await contentOf(there)).toEqual(await contentOf(here));
  });

  it('stores a later publication time of equal content without a download', async () => {
    await publish(here);
    await pull(there);
    await update(here, MANY, 3);
    await publish(here);
    expect((await pull(there))[0]).toMatchObject({ kind: 'unchanged', bytes: 0 });
    expect(registry.requests).toEqual([]);
    expect(await contentOf(there)).toEqual(await contentOf(here));
  });

  it('keeps newer stored data', async () => {
    await publish(here);
    await update(there, [ADDED], 5);
    expect((await pull(there))[0]).toMatchObject({ feed: 'debian', kind: 'newer' });
    expect((await there.feeds.find('debian'))?.vulnerabilities).toBe(1);
  });

  it('pulls only wanted feeds, and reports feeds that this release does not support', async () => {
    await publish(here);
    expect(await pull(there, { wanted: ['first'] })).toMatchObject([{ feed: 'first' }]);
    expect(await pull(there, { known: [] })).toMatchObject([
      { feed: 'debian', kind: 'failed', error: { code: 'artifact/unsupported' } },
      { feed: 'first', kind: 'failed', error: { code: 'artifact/unsupported' } },
    ]);
  });

  it('refuses a feed that shrank, and records the refusal', async () => {
    await publish(here);
    await pull(there);
    await update(here, MANY.slice(0, 1), 2);
    await publish(here);
    const bound = { maxShrink: { percent: 20, records: 10 } };
    expect((await pull(there, bound))[0]).toMatchObject({ kind: 'failed', error: { code: 'feed/shrunk' } });
    expect((await there.feeds.find('debian'))?.refused).toContain('shrank');
    expect((await pull(there))[0]).toMatchObject({ kind: 'updated' });
    expect((await there.feeds.find('debian'))?.refused).toBeNull();
  });

  it('keeps the stored data if a layer is damaged or missing', async () => {
    await publish(here);
    for (const [digest, bytes] of registry.blobs) {
      if (bytes[0] === 0x28) registry.blobs.set(digest, Buffer.concat([bytes.subarray(0, -1), Buffer.from('x')]));
    }
    expect(await pull(there)).toMatchObject([
      { kind: 'failed', error: { code: 'artifact/invalid' } },
      { kind: 'failed', error: { code: 'artifact/invalid' } },
    ]);
    for (const [digest, bytes] of registry.blobs) if (bytes[0] === 0x28) registry.blobs.delete(digest);
    expect((await pull(there))[0]).toMatchObject({ kind: 'failed', error: { code: 'bytes/not-found' } });
    expect(await there.vulnerabilities.named('', { after: '', limit: 9 })).toEqual([]);
  });

  it('does not pull a feed that another process updates', async () => {
    await publish(here);
    expect(await there.locks.acquire('update:debian', 'another process', 60_000)).toBe(true);
    expect((await pull(there))[0]).toMatchObject({ kind: 'failed', error: { code: 'update/locked' } });
  });

  it('is equal when it is published again without changes', async () => {
    const first = await publish(here);
    const again = await publish(here);
    expect(again.digest).toBe(first.digest);
    expect(again).toMatchObject({ uploaded: 0, isNewBase: false });
  });
});

describe('a published SQLite file', () => {
  let folder: string;
  let here: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clair-base-'));
    here = await openStore({ type: 'memory' });
    await update(here, MANY, 1);
    await enrich(here, { 'CVE-2025-1000': 0.5 }, 1);
  });
  afterEach(async () => {
    await here.close();
    rmSync(folder, { recursive: true });
  });

  async function place(path: string): Promise<boolean> {
    return await placeBase(path, registry.place(), await readArtifact(registry.place()), { signal });
  }

  it('opens without an import, with the content of the feeds', async () => {
    await publish(here);
    const path = join(folder, 'new', 'clair.db');
    mkdirSync(join(folder, 'new'));
    const left = join(folder, 'new', '.clair.db.12345678-1234-1234-1234-123456789abc.part');
    for (const isNew of [true, false]) {
      for (const name of [left, `${left}-wal`]) writeFileSync(name, 'of a killed process');
      for (const name of [left, `${left}-wal`]) utimesSync(name, 0, 0);
      expect(await place(path)).toBe(isNew);
      expect(readdirSync(join(folder, 'new'))).toEqual(['clair.db']);
    }
    const there = await openStore({ type: 'sqlite', path });
    expect(await contentOf(there)).toEqual(await contentOf(here));
    expect(await pull(there)).toMatchObject([{ kind: 'unchanged' }, { kind: 'unchanged' }]);
    await there.close();
  });

  it('is followed by deltas, and replaced only after many changes', async () => {
    await publish(here);
    await update(here, [...MANY, ADDED], 2);
    expect(await publish(here)).toMatchObject({ isNewBase: false });
    const path = join(folder, 'clair.db');
    expect(await place(path)).toBe(true);
    const there = await openStore({ type: 'sqlite', path });
    expect((await pull(there))[0]).toMatchObject({ kind: 'updated', counts: { added: 1 } });
    expect(await contentOf(there)).toEqual(await contentOf(here));
    await there.close();
    const others = Array.from({ length: 1000 }, (_, at) =>
      advisory(`CVE-2024-${at}`, { package: 'p', fixed: `${at * 7919}` }),
    );
    await update(here, [...MANY, ...others], 3);
    expect(await publish(here)).toMatchObject({ isNewBase: true });
  });

  it.each(['', '-wal', '-journal'])('does not replace a file clair.db%s', async (end) => {
    await publish(here);
    const path = join(folder, 'clair.db');
    writeFileSync(`${path}${end}`, 'data');
    expect(await place(path)).toBe(false);
    expect(readdirSync(folder)).toEqual([`clair.db${end}`]);
  });

  it.each([
    [
      'a trigger',
      'CREATE TRIGGER t AFTER INSERT ON layer BEGIN DELETE FROM flag; END',
      'does not have the schema of this release',
    ],
    ['an index', 'CREATE INDEX i ON vulnerability (link)', 'does not have the schema of this release'],
    ['a flag', "INSERT INTO flag VALUES ('pulled:debian', '{}')", 'rows in the table flag'],
  ])('with %s is rejected', async (_what, sql, message) => {
    await publish(here);
    const path = join(folder, 'clair.db');
    await place(path);
    const database = new Database(path);
    database.exec(sql);
    database.close();
    const { checkBaseFile } = await import('../../database/engines/sqlite/base-file.ts');
    await expect(checkBaseFile(path)).rejects.toMatchObject({ code: 'artifact/invalid' });
    await expect(checkBaseFile(path)).rejects.toThrow(message);
  });
});

describe('the signature', () => {
  let folder: string;
  let here: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clair-signature-'));
    here = await openStore({ type: 'memory' });
    await update(here, MANY, 1);
  });
  afterEach(async () => {
    await here.close();
    rmSync(folder, { recursive: true });
  });

  async function keyIn(name: string, key: KeyObject): Promise<Awaited<ReturnType<typeof readPublicKey>>> {
    const path = join(folder, name);
    writeFileSync(path, key.export({ type: 'spki', format: 'pem' }));
    return await readPublicKey(path);
  }

  it('is verified, and a missing or foreign signature is rejected', async () => {
    const [own, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
    const key = await keyIn('own.pub', own.publicKey);
    await publish(here);
    await expect(readArtifact(registry.place(), { key })).rejects.toMatchObject({ code: 'artifact/unsigned' });
    await publish(here, own.privateKey);
    expect(await readArtifact(registry.place(), { key })).toMatchObject({ config: { clair: '1.2.3' } });
    const foreign = await keyIn('other.pub', other.publicKey);
    await expect(readArtifact(registry.place(), { key: foreign })).rejects.toMatchObject({ code: 'artifact/unsigned' });
  });

  it('of one manifest is not valid for another manifest', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = await keyIn('own.pub', publicKey);
    const signed = (await publish(here, privateKey)).digest;
    const signature = registry.manifests.get(`${signed.replace(':', '-')}.sig`);
    await update(here, [...MANY, ADDED], 2);
    const unsigned = (await publish(here)).digest;
    if (signature !== undefined) registry.manifests.set(`${unsigned.replace(':', '-')}.sig`, signature);
    await expect(readArtifact(registry.place(), { key })).rejects.toMatchObject({ code: 'artifact/unsigned' });
  });

  it('of the previous version is verified too, because a publisher with a key continues only versions signed with this key', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = await keyIn('own.pub', publicKey);
    const deltas = async () =>
      (await readArtifact(registry.place(), { key })).config.feeds.map((feed) => feed.deltas.length);
    await publish(here);
    await update(here, [...MANY, ADDED], 2);
    await publish(here, privateKey);
    expect(await deltas()).toEqual([0]);
    await update(here, [...MANY, ADDED, CHANGED], 3);
    await publish(here, privateKey);
    expect(await deltas()).toEqual([1]);
  });

  it('needs a public Ed25519 key', async () => {
    const path = join(folder, 'rsa.pub');
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }));
    const secret = join(folder, 'secret.key');
    writeFileSync(secret, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    for (const each of [path, secret, join(folder, 'missing')]) {
      await expect(readPublicKey(each)).rejects.toMatchObject({ code: 'artifact/key-invalid' });
    }
  });
});
