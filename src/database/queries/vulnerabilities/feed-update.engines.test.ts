import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../testing/packages.ts';
import { ENGINES } from '../../testing/stores.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { FeedState, RecordDiagnostic } from '../../../model/feed.ts';
import { orderedAdvisories, orderedByNamespace } from './advisory-order.ts';
import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';
import type { UpdateCounts } from '../../contracts/vulnerabilities.ts';

const inexact = (message: string): RecordDiagnostic => ({ kind: 'inexact', message });

const NO_COUNTS: UpdateCounts = { added: 0, changed: 0, withdrawn: 0, unchanged: 0 };

describe.each(ENGINES)('a partial update, in %s', (_, database) => {
  let store: Store;

  beforeEach(async () => {
    store = await openStore(database());
    await update([advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'b' })], { diagnostics: ['old'] });
  });
  afterEach(() => store.close());

  async function update(
    advisories: readonly Advisory[],
    options: {
      scope?: 'all' | 'changed';
      gone?: readonly string[];
      diagnostics?: readonly string[];
      skipped?: number;
    } = {},
  ): Promise<UpdateCounts> {
    const { diagnostics = [], skipped = 0, ...rest } = options;
    return await store.vulnerabilities.update({
      feed: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 1,
      advisories: orderedAdvisories(advisories),
      etag: '"1"',
      lastModified: null,
      recordDiagnostics: { count: diagnostics.length, skipped, examples: diagnostics.map(inexact) },
      at: 1,
      ...rest,
    });
  }

  const names = async (): Promise<string[]> =>
    (await store.changeLog.read({ after: 0, limit: 99 })).map(({ kind, name }) => `${kind} ${name}`).slice(2);
  const state = async (): Promise<FeedState | undefined> => await store.feeds.find('debian');

  it('keeps advisories that it does not name', async () => {
    const changed = [advisory('CVE-2', { package: 'b', fixed: '2' }), advisory('CVE-3', { package: 'c' })];
    expect(await update(changed, { scope: 'changed' })).toEqual({ ...NO_COUNTS, added: 1, changed: 1 });
    expect(await names()).toEqual(['changed CVE-2', 'added CVE-3']);
    expect(await state()).toMatchObject({ vulnerabilities: 3 });
    expect(await store.vulnerabilities.find('CVE-1')).toHaveLength(1);
  });

  it('withdraws the advisories in `gone`, and ignores unknown advisories', async () => {
    const gone = ['CVE-1', 'CVE-9', 'CVE-1'];
    expect(await update([], { scope: 'changed', gone })).toEqual({ ...NO_COUNTS, withdrawn: 1 });
    expect(await names()).toEqual(['withdrawn CVE-1']);
    expect(await state()).toMatchObject({ vulnerabilities: 1 });
  });

  it('writes nothing without differences', async () => {
    expect(await update([advisory('CVE-1', { package: 'a' })], { scope: 'changed' })).toEqual({
      ...NO_COUNTS,
      unchanged: 1,
    });
    expect(await names()).toEqual([]);
  });

  it('adds to the diagnostics about advisories until the next complete update', async () => {
    await update([], { scope: 'changed', diagnostics: ['new'], skipped: 1 });
    expect(await state()).toMatchObject({
      recordDiagnostics: { count: 2, skipped: 1, examples: [inexact('new'), inexact('old')] },
    });
    await update([advisory('CVE-1', { package: 'a' })], { diagnostics: ['newest'] });
    expect(await state()).toMatchObject({
      recordDiagnostics: { count: 1, skipped: 0, examples: [inexact('newest')] },
      vulnerabilities: 1,
    });
  });

  it('covers a release while any advisory affects it', async () => {
    await update([], { scope: 'changed', gone: ['CVE-1'] });
    expect(await store.feeds.covering('debian:12')).toEqual(['debian']);
    await update([], { scope: 'changed', gone: ['CVE-2'] });
    expect(await store.feeds.covering('debian:12')).toEqual([]);
  });

  it('keeps the time after which a feed is stale', async () => {
    expect(await state()).toHaveProperty('staleAfter', null);
    await store.feeds.setStaleAfter('debian', 1000);
    await update([advisory('CVE-1', { package: 'a' })]);
    expect(await state()).toHaveProperty('staleAfter', 1000);
  });
});

describe.each(ENGINES)('an update of some namespaces, in %s', (_, database) => {
  let store: Store;

  beforeEach(async () => {
    store = await openStore(database());
    await update([inBoth('CVE-1', '1'), inOne('CVE-2', 'debian:12', '1'), inOne('CVE-3', 'debian:13', '1')]);
  });
  afterEach(() => store.close());

  const inOne = (id: string, namespace: string, fixed: string): Advisory =>
    advisory(id, { package: 'a', namespace, fixed });
  const inBoth = (id: string, fixed: string, other: string = fixed): Advisory => ({
    ...inOne(id, 'debian:12', fixed),
    affected: [...inOne(id, 'debian:12', fixed).affected, ...inOne(id, 'debian:13', other).affected],
  });

  /** Updates the feed; each namespace of an advisory is a part, as in feeds of several ecosystems. */
  async function update(
    advisories: readonly Advisory[],
    options: { scope?: 'all' | 'changed'; gone?: readonly string[]; within?: readonly string[] } = {},
  ): Promise<UpdateCounts> {
    return await store.vulnerabilities.update({
      feed: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 1,
      advisories: advisories.map(orderedByNamespace),
      etag: null,
      lastModified: null,
      recordDiagnostics: { count: 0, skipped: 0, examples: [] },
      at: 1,
      ...options,
    });
  }

  async function stored(): Promise<readonly string[]> {
    const records = await store.vulnerabilities.findAll(['CVE-1', 'CVE-2', 'CVE-3', 'CVE-4']);
    return records.flatMap(({ name, affected }) => affected.map((each) => `${name} ${each.namespace} ${each.fixed}`));
  }

  const ONE = { within: ['debian:12'] } as const;

  it('keeps the packages of other namespaces', async () => {
    const now = [inOne('CVE-1', 'debian:12', '2'), inOne('CVE-4', 'debian:12', '1')];
    expect(await update(now, ONE)).toEqual({ added: 1, changed: 1, withdrawn: 1, unchanged: 0 });
    expect(await stored()).toEqual([
      'CVE-1 debian:12 2',
      'CVE-1 debian:13 1',
      'CVE-3 debian:13 1',
      'CVE-4 debian:12 1',
    ]);
  });

  it('writes nothing without differences, even for advisories of several namespaces', async () => {
    const now = [inOne('CVE-1', 'debian:12', '1'), inOne('CVE-2', 'debian:12', '1')];
    expect(await update(now, ONE)).toEqual({ ...NO_COUNTS, unchanged: 2 });
  });

  it('removes only its packages from an advisory that it does not contain', async () => {
    expect(await update([], ONE)).toEqual({ ...NO_COUNTS, changed: 1, withdrawn: 1 });
    expect(await stored()).toEqual(['CVE-1 debian:13 1', 'CVE-3 debian:13 1']);
    expect(await store.feeds.covering('debian:12')).toEqual([]);
  });

  it('ends in the state of a complete update', async () => {
    await update([inOne('CVE-1', 'debian:12', '2'), inOne('CVE-2', 'debian:12', '1')], ONE);
    const now = [inBoth('CVE-1', '2', '1'), inOne('CVE-2', 'debian:12', '1'), inOne('CVE-3', 'debian:13', '1')];
    expect(await update(now)).toEqual({ ...NO_COUNTS, unchanged: 3 });
  });

  it('removes only its packages from advisories in `gone`', async () => {
    const options = { ...ONE, scope: 'changed', gone: ['CVE-1', 'CVE-2', 'CVE-3'] } as const;
    expect(await update([], options)).toEqual({ ...NO_COUNTS, changed: 1, withdrawn: 1 });
    expect(await stored()).toEqual(['CVE-1 debian:13 1', 'CVE-3 debian:13 1']);
  });
});

describe.each(ENGINES)('an update with more differences than one batch, in %s', (_, database) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(database());
  });
  afterEach(() => store.close());

  const RECORDS = 1300;
  const idOf = (at: number): string => `CVE-${String(at).padStart(5, '0')}`;
  const said = (at: number, fixed = '1'): Advisory => ({
    ...advisory(idOf(at), { package: `p${at}`, fixed }, { package: `p${at}`, fixed: '0', namespace: 'debian:11' }),
    aliases: [`A-${at}`],
  });
  const all = Array.from({ length: RECORDS }, (__, at) => said(at));

  async function update(advisories: Iterable<OrderedAdvisory> | AsyncIterable<OrderedAdvisory>): Promise<UpdateCounts> {
    return await store.vulnerabilities.update({
      feed: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 1,
      advisories,
      etag: null,
      lastModified: null,
      recordDiagnostics: { count: 0, skipped: 0, examples: [] },
      at: 1,
    });
  }

  it('logs each difference in name order with the previous advisory, and stores the new advisory', async () => {
    await update(orderedAdvisories(all));
    // In every group of three advisories, one changes, one is removed and one stays; a new advisory is inserted after
    // every fifth advisory.
    const next = all.flatMap((each, at) => [
      ...(at % 3 === 0 ? [said(at, '2')] : at % 3 === 1 ? [] : [each]),
      ...(at % 5 === 0 ? [{ ...said(at, '3'), id: `${idOf(at)}-new` }] : []),
    ]);
    expect(await update(orderedAdvisories(next))).toEqual({ added: 260, changed: 434, withdrawn: 433, unchanged: 433 });

    const log = await store.changeLog.read({ after: RECORDS, limit: 9999 });
    expect(log.map(({ kind, name }) => `${name} ${kind}`)).toEqual(
      all.flatMap(({ id }, at) => [
        ...(at % 3 === 2 ? [] : [`${id} ${at % 3 === 0 ? 'changed' : 'withdrawn'}`]),
        ...(at % 5 === 0 ? [`${id}-new added`] : []),
      ]),
    );
    const before = new Map(all.map((each, at) => [each.id, { ...each, affected: said(at).affected.toReversed() }]));
    for (const change of log) expect(change.before).toEqual(before.get(change.name) ?? null);

    const [changed] = await store.vulnerabilities.find(idOf(1299));
    expect(changed).toMatchObject({ aliases: ['A-1299'], affected: [{ fixed: '0' }, { fixed: '2' }] });
    expect(await store.vulnerabilities.find(idOf(1297))).toEqual([]);
  });

  it('logs the added advisories of the first import once each, in name order', async () => {
    await update(orderedAdvisories(all));
    const log = await store.changeLog.read({ after: 0, limit: 9999 });
    expect(log.map(({ name }) => name)).toEqual(all.map(({ id }) => id));
    for (const change of log) {
      expect(change).toMatchObject({ feed: 'debian', kind: 'added', before: null, at: 1, isInitial: true, update: 1 });
    }
  });

  it('changes nothing when it fails after some differences were written', async () => {
    await update(orderedAdvisories(all));
    async function* broken(): AsyncGenerator<OrderedAdvisory> {
      yield* orderedAdvisories(all.slice(0, 1200).map((__, at) => said(at, '2')));
      throw new Error('cut off');
    }
    await expect(update(broken())).rejects.toThrow('cut off');
    expect(await store.vulnerabilities.find(idOf(0))).toMatchObject([{ affected: [{ fixed: '0' }, { fixed: '1' }] }]);
    expect(await store.changeLog.read({ after: RECORDS, limit: 1 })).toEqual([]);
  });

  it('keeps the first of several entries with the same interval', async () => {
    const twice = { package: 'p', fixed: '1', archs: ['amd64'] };
    const entries = [twice, { ...twice, archs: ['arm64'] }, { ...twice, severity: 'Low' as const }];
    await update(orderedAdvisories([advisory('CVE-1', ...entries)]));
    const [record] = await store.vulnerabilities.find('CVE-1');
    expect(record?.affected.map(({ archs, severity }) => [archs, severity])).toEqual([
      [['amd64'], 'Medium'],
      [['arm64'], 'Medium'],
    ]);
  });
});
