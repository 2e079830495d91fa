import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXPORT_FEEDS, exportRecords, firstFormatRecords, writeExport } from '../testing/export-builder.ts';
import { advisory } from '../../database/testing/packages.ts';
import { ENGINES } from '../../database/testing/stores.ts';
import { createAdvisoryOrder } from '../../database/queries/vulnerabilities/advisory-order.ts';
import { createEnrichmentOrder } from '../../database/queries/enrichments/enrichment-order.ts';
import { openStore } from '../../database/open-store.ts';
import type { EnrichmentUpdate } from '../../database/contracts/enrichments.ts';
import type { FeedUpdate, UpdateCounts } from '../../database/contracts/vulnerabilities.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { Enrichment } from '../../model/enrichment.ts';
import { openExportFile } from './export-file.ts';
import { type ExportSummary, exportFeeds } from './feed-export.ts';
import { type ImportedFeed, importFeeds } from './feed-import.ts';

const NOW = Date.parse('2026-01-10T00:00:00.000Z');
const FETCHED = Date.parse('2026-01-01T00:00:00.000Z');

const IMPORTS = [{ path: 'a.test/p', symbols: ['F', 'T.M'], goos: ['linux'], goarch: ['386'] }, { path: 'a.test/q' }];

const SURE = { cve: 'CVE-2099-0001', value: { score: 1 } } as const;

describe.each(ENGINES)('on %s', (_engine, options) => {
  let folder: string;
  let path: string;
  let here: Store;
  let there: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clair-exchange-'));
    path = join(folder, 'export');
    here = await openStore(options());
    there = await openStore(options());
  });
  afterEach(async () => {
    await here.close();
    await there.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function update(store: Store, parts: readonly Advisory[], change: Partial<FeedUpdate> = {}): Promise<void> {
    const order = createAdvisoryOrder();
    for (const part of parts) order.add(part);
    await store.vulnerabilities.update({
      feed: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 3,
      advisories: order.advisories(),
      etag: '"1"',
      lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT',
      recordDiagnostics: { count: 1, examples: [{ kind: 'skipped', message: 'one record' }] },
      at: FETCHED,
      ...change,
    });
    order.close();
  }

  async function enrich(
    store: Store,
    enrichments: readonly Enrichment[],
    change: Partial<EnrichmentUpdate> = {},
  ): Promise<void> {
    const order = createEnrichmentOrder();
    for (const each of enrichments) order.add(each);
    await store.enrichments.update({
      feed: 'first',
      kind: 'epss',
      fetcherVersion: 2,
      enrichments: order.enrichments(),
      etag: '"e"',
      lastModified: null,
      recordDiagnostics: { count: 1, examples: [{ kind: 'skipped', message: 'one row' }] },
      at: FETCHED,
      ...change,
    });
    order.close();
  }

  const write = async (store: Store, signal?: AbortSignal): Promise<ExportSummary> =>
    await exportFeeds(path, {
      store,
      ...EXPORT_FEEDS,
      version: '1.2.3',
      now: () => NOW,
      ...(signal && { signal }),
    });

  async function read(store: Store, force = false, now = NOW, allowShrink = false): Promise<ImportedFeed[]> {
    const file = await openExportFile(path, EXPORT_FEEDS);
    const imported: ImportedFeed[] = [];
    for await (const each of importFeeds(file, { store, now: () => now, force, allowShrink })) imported.push(each);
    await file.close();
    return imported;
  }

  const counts = (some: Partial<UpdateCounts>): UpdateCounts => ({
    added: 0,
    changed: 0,
    withdrawn: 0,
    unchanged: 0,
    ...some,
  });
  const names = async (store: Store): Promise<string[]> =>
    (await store.changeLog.read({ after: 0, limit: 99 })).map(({ feed, kind, name }) => `${feed} ${kind} ${name}`);

  const parts = [
    advisory('CVE-2', { package: 'b', fixed: '2', archs: ['amd64'], imports: IMPORTS }),
    {
      ...advisory('CVE-1', { package: 'a', introduced: '1', lastAffected: '2', severityFrom: 'cvss', role: 'source' }),
      aliases: ['X-1'],
    },
    advisory('CVE-2', { package: 'a' }),
  ] as const;

  it('copies every feed and its state to an empty database', async () => {
    await update(here, parts);
    await update(here, [advisory('RHSA-1', { package: 'c', namespace: 'rhel:9', module: 'm:1' })], {
      feed: 'other',
      scheme: 'rpm',
      at: FETCHED + 1,
      etag: null,
    });
    expect(await write(here)).toEqual({
      feeds: [
        { feed: 'debian', records: 2, fetchedAt: FETCHED },
        { feed: 'other', records: 1, fetchedAt: FETCHED + 1 },
      ],
      enrichers: [],
      leftOut: [],
      bytes: readFileSync(path).length,
    });
    expect(await read(there)).toEqual([
      { feed: 'debian', fetchedAt: FETCHED, counts: counts({ added: 2 }) },
      { feed: 'other', fetchedAt: FETCHED + 1, counts: counts({ added: 1 }) },
    ]);
    for (const name of ['CVE-1', 'CVE-2', 'RHSA-1', 'X-1']) {
      expect(await there.vulnerabilities.find(name)).toEqual(await here.vulnerabilities.find(name));
    }
    const states = await here.feeds.all();
    expect(await there.feeds.all()).toEqual(states.map((state) => ({ ...state, lastAttempt: NOW })));
    expect(await there.feeds.covering('rhel:9')).toEqual(['other']);
    expect(await names(there)).toEqual(['debian added CVE-1', 'debian added CVE-2', 'other added RHSA-1']);
  });

  it('copies product restrictions and the repositories of the products', async () => {
    const cpe = 'cpe:/a:redhat:openshift:4';
    const repositories = new Map([
      ['base', ['cpe:/o:redhat:enterprise_linux:9']],
      ['tools', [`${cpe}.15`, `${cpe}.16`]],
    ]);
    const limited = advisory('CVE-1', { package: 'a', cpe }, { package: 'a', fixed: '2' });
    await update(here, [limited], { repositories });
    await update(there, [], { at: 1, repositories: new Map([['gone', [cpe]]]) });
    await write(here);
    await read(there);
    expect(await there.vulnerabilities.find('CVE-1')).toEqual(await here.vulnerabilities.find('CVE-1'));
    expect(await there.vulnerabilities.find('CVE-1')).toMatchObject([{ affected: [{ fixed: '2' }, { cpe }] }]);
    expect(await there.repositories.cpesOf(['base', 'gone', 'tools'])).toEqual(repositories);
    const first = readFileSync(path);
    await write(there);
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  it('copies enrichments and the states of their feeds to an empty database', async () => {
    const kev = { name: 'n', added: '2099-01-01', due: '2099-02-01', action: 'a', ransomware: true };
    const cvss = [2, 1].map((score) => ({
      version: '2.0' as const,
      vector: 'AV:N/AC:M/Au:N/C:P/I:P/A:P',
      score,
      source: 'nvd',
      type: 'primary' as const,
      accessVector: 'network' as const,
      complexity: 'medium' as const,
    }));
    await update(here, parts);
    await enrich(here, [{ cve: 'CVE-2099-0002', value: cvss }], { feed: 'nist', kind: 'cvss' });
    await enrich(here, [SURE, { cve: 'CVE-2099-0002', value: { score: 1e-5, percentile: 0, date: '2099-01-01' } }]);
    await enrich(here, [{ cve: 'CVE-2099-0001', value: kev }], { feed: 'cisa', kind: 'kev', at: FETCHED + 1 });
    expect(await write(here)).toMatchObject({
      feeds: [{ feed: 'debian' }],
      enrichers: [
        { feed: 'cisa', records: 1, fetchedAt: FETCHED + 1 },
        { feed: 'first', records: 2, fetchedAt: FETCHED },
        { feed: 'nist', records: 1, fetchedAt: FETCHED },
      ],
      leftOut: [],
    });
    expect(await read(there)).toEqual([
      { feed: 'debian', fetchedAt: FETCHED, counts: counts({ added: 2 }) },
      { feed: 'cisa', fetchedAt: FETCHED + 1, counts: counts({ added: 1 }) },
      { feed: 'first', fetchedAt: FETCHED, counts: counts({ added: 2 }) },
      { feed: 'nist', fetchedAt: FETCHED, counts: counts({ added: 1 }) },
    ]);
    const cves = ['CVE-2099-0001', 'CVE-2099-0002'];
    expect(await there.enrichments.ofCves(cves)).toEqual(await here.enrichments.ofCves(cves));
    expect((await there.enrichments.ofCves(cves)).get('CVE-2099-0002')).toMatchObject({ cvss, epss: { score: 1e-5 } });
    const states = await here.feeds.all();
    expect(await there.feeds.all()).toEqual(states.map((state) => ({ ...state, lastAttempt: NOW })));
    const first = readFileSync(path);
    await write(there);
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  it('writes only changed enrichments and rejects older enrichments', async () => {
    const [changed, gone] = ['CVE-2099-0002', 'CVE-2099-0003'].map((cve) => ({ cve, value: { score: 0.25 } }));
    await enrich(there, [SURE, changed!, gone!], { at: 1 });
    await enrich(here, [SURE, { ...changed!, value: { score: 0.5 } }, { ...gone!, cve: 'CVE-2099-0004' }]);
    await write(here);
    expect(await read(there)).toMatchObject([
      { feed: 'first', counts: { added: 1, changed: 1, withdrawn: 1, unchanged: 1 } },
    ]);
    expect(await read(there)).toMatchObject([{ counts: counts({ unchanged: 3 }) }]);
    await enrich(there, [SURE], { at: FETCHED + 1 });
    expect(await read(there)).toMatchObject([{ feed: 'first', error: { code: 'export/outdated' } }]);
    expect((await there.enrichments.ofCves(['CVE-2099-0002', 'CVE-2099-0004'])).size).toBe(0);
  });

  it('leaves enrichments unchanged when the file has the first format', async () => {
    await enrich(here, [SURE]);
    writeExport(path, firstFormatRecords());
    expect(await read(here)).toMatchObject([{ feed: 'debian', counts: counts({ added: 2 }) }, { feed: 'other' }]);
    expect(await here.enrichments.ofCves([SURE.cve])).toEqual(new Map([[SURE.cve, { epss: SURE.value }]]));
  });

  it('writes only differences and leaves other feeds unchanged', async () => {
    await update(there, [parts[0], parts[2], advisory('CVE-3', { package: 'a' })], { at: 1 });
    await update(there, [advisory('CVE-1', { package: 'b', fixed: '1' })], { feed: 'third', at: 1 });
    await update(here, [...parts, advisory('CVE-4', { package: 'a' })]);
    await write(here);
    const imported = counts({ added: 2, withdrawn: 1, unchanged: 1 });
    expect(await read(there)).toMatchObject([{ feed: 'debian', counts: imported }]);
    expect((await names(there)).slice(-3)).toEqual([
      'debian added CVE-1',
      'debian withdrawn CVE-3',
      'debian added CVE-4',
    ]);
    expect((await there.vulnerabilities.find('CVE-1')).map(({ feed }) => feed)).toEqual(['debian', 'third']);
    expect(await there.feeds.find('third')).toMatchObject({ lastAttempt: 1, lastSuccess: 1 });
    expect(await read(there)).toMatchObject([{ counts: counts({ unchanged: 3 }) }]);
    expect(await names(there)).toHaveLength(6);
  });

  it('leaves nothing to write for the next upstream update, regardless of the order of the parts', async () => {
    await update(here, parts);
    await write(here);
    await read(there);
    await update(there, parts.toReversed(), { at: NOW });
    expect(await names(there)).toHaveLength(2);
  });

  it('writes the same bytes again, also from the database that imported them', async () => {
    await update(here, parts);
    await write(here);
    const first = readFileSync(path);
    await read(there);
    await write(there);
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  it('rejects data older than the stored data unless forced', async () => {
    await update(here, parts);
    await write(here);
    await update(there, [], { at: FETCHED + 1 });
    const [refused] = await read(there);
    expect(refused).toMatchObject({ feed: 'debian', error: { code: 'export/outdated' } });
    expect(await there.feeds.find('debian')).toMatchObject({ lastSuccess: FETCHED + 1, error: null });
    expect(await names(there)).toEqual([]);
    expect(await read(there, true)).toMatchObject([{ counts: counts({ added: 2 }) }]);
    expect(await there.feeds.find('debian')).toMatchObject({ lastSuccess: FETCHED });
  });

  it('never dates data after the local clock', async () => {
    await update(here, parts);
    await write(here);
    await read(there, false, FETCHED - 5000);
    expect(await there.feeds.find('debian')).toMatchObject({ lastSuccess: FETCHED - 5000 });
  });

  it('skips a feed that another process is updating and imports the other feeds', async () => {
    writeExport(path, exportRecords());
    await here.locks.acquire('update:debian', 'another process', 60_000);
    expect(await read(here)).toMatchObject([
      { feed: 'debian', error: { code: 'update/locked' } },
      { feed: 'other', counts: counts({}) },
      { feed: 'first', counts: counts({ added: 1 }) },
    ]);
    expect((await here.feeds.all()).map(({ feed }) => feed)).toEqual(['first', 'other']);
    await here.locks.release('update:debian', 'another process');
    expect(await read(here)).toMatchObject([{ counts: counts({ added: 2 }) }, { feed: 'other' }, { feed: 'first' }]);
    expect(await here.locks.acquire('update:debian', 'another process', 1)).toBe(true);
  });

  it('stores nothing of a feed when the import is aborted', async () => {
    writeExport(path, exportRecords());
    const file = await openExportFile(path, EXPORT_FEEDS);
    const stop = AbortSignal.abort();
    const importing = importFeeds(file, {
      store: here,
      now: () => NOW,
      force: false,
      allowShrink: false,
      signal: stop,
    }).next();
    await expect(importing).rejects.toThrow(/abort/);
    await file.close();
    expect(await here.feeds.all()).toEqual([]);
  });

  it('omits feeds without data and lists them', async () => {
    await here.feeds.recordFailure('other', 1, 'no network');
    await update(here, [], { feed: 'nobody fetches it' });
    await here.feeds.recordFailure('first', 1, 'no network');
    writeFileSync(path, 'old');
    await expect(write(here)).rejects.toMatchObject({ code: 'export/feeds-missing' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    await update(here, parts);
    const left = { feeds: [{ feed: 'debian' }], enrichers: [], leftOut: ['first', 'nobody fetches it', 'other'] };
    expect(await write(here)).toMatchObject(left);
    expect(await read(there)).toMatchObject([{ feed: 'debian' }]);
  });

  it('keeps the existing file when it fails or is stopped', async () => {
    await update(here, parts);
    writeFileSync(path, 'old');
    await expect(write(here, AbortSignal.abort())).rejects.toThrow(/abort/);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['export']);
    expect(await write(here)).toMatchObject({ feeds: [{ records: 2 }] });
  });

  it('refuses to write records that an import would reject', async () => {
    await update(here, [advisory('CVE-1', { package: 'a', namespace: 'No Namespace' })]);
    await expect(write(here)).rejects.toThrow(/cannot export an entry: \/affected\/0\/namespace/);
    await update(here, []);
    await enrich(here, [{ ...SURE, value: { score: 2 } }]);
    await expect(write(here)).rejects.toThrow(
      'first contains an entry that cannot be exported: CVE-2099-0001: epss: /score',
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
