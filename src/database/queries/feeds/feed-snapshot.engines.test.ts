import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../testing/packages.ts';
import { ENGINES } from '../../testing/stores.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { orderedAdvisories } from '../vulnerabilities/advisory-order.ts';
import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import { openStore } from '../../open-store.ts';
import type { FeedSnapshot, StoredAdvisory } from '../../contracts/feed-snapshot.ts';
import type { FeedUpdate } from '../../contracts/vulnerabilities.ts';
import type { Store } from '../../contracts/store.ts';
import type { StoredEnrichment } from '../../contracts/feed-snapshot.ts';

const CHANGE: Omit<FeedUpdate, 'advisories'> = {
  feed: 'debian',
  scheme: 'dpkg',
  fetcherVersion: 3,
  etag: '"1"',
  lastModified: null,
  recordDiagnostics: { count: 1, examples: [{ kind: 'skipped', message: 'one' }] },
  at: 1000,
};

describe.each(ENGINES)('a snapshot of a store on %s', (engine, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(() => store.close());

  const update = async (advisories: readonly Advisory[], change: Partial<FeedUpdate> = {}): Promise<void> => {
    await store.vulnerabilities.update({ ...CHANGE, advisories: orderedAdvisories(advisories), ...change });
  };

  it('returns each feed with its state, and its advisories by identifier', async () => {
    const rich: Advisory = {
      ...advisory(
        'CVE-2',
        { package: 'b', namespace: 'debian:13', introduced: '1', lastAffected: '2', severityFrom: 'cvss' },
        { package: 'a', fixed: '3', archs: ['amd64', 'arm64'], module: 'm:1' },
      ),
      aliases: ['GHSA-1', 'CVE-9'],
    };
    await update([advisory('CVE-1', { package: 'a' }), rich, { ...advisory('CVE-3'), affected: [] }]);
    await update([advisory('CVE-1', { package: 'z' })], { feed: 'other' });
    const [feeds, advisories] = await store.feedSnapshot(async (snapshot) => [
      snapshot.feeds,
      await allOf(snapshot, 'debian'),
    ]);
    expect(feeds).toEqual(await store.feeds.all());
    expect(feeds.map(({ feed }) => feed)).toEqual(['debian', 'other']);
    const [first, second] = rich.affected;
    expect(advisories.map((each) => each.advisory)).toEqual([
      advisory('CVE-1', { package: 'a' }),
      { ...rich, aliases: ['CVE-9', 'GHSA-1'], affected: [second, first] },
      { ...advisory('CVE-3'), affected: [] },
    ]);
  });

  it('makes the content of another store equal when it is imported there', async () => {
    const parts = [advisory('CVE-1', { package: 'b' }, { package: 'a', fixed: '2' })];
    const [united] = orderedAdvisories(parts);
    // The hash of an advisory with several parts differs from the hash of the merged advisory.
    const advisories: OrderedAdvisory[] = [{ ...united!, contentHash: Buffer.alloc(32, 7) }];
    await store.vulnerabilities.update({ ...CHANGE, advisories });
    const stored = await store.feedSnapshot(async (snapshot) => await allOf(snapshot, 'debian'));
    const again = stored.map(
      ({ advisory: of, contentHash }): OrderedAdvisory => ({
        id: of.id,
        contentHash: Buffer.from(contentHash),
        read: () => of,
      }),
    );
    const counts = { added: 0, changed: 0, withdrawn: 0, unchanged: 1 };
    expect(await store.vulnerabilities.update({ ...CHANGE, advisories: again })).toEqual(counts);
  });

  it('reads more advisories than one page', async () => {
    const all = Array.from({ length: 2500 }, (_none, at) => advisory(`CVE-${at + 1000}`, { package: `p${at}` }));
    await update(all);
    const read = await store.feedSnapshot(async (snapshot) => await allOf(snapshot, 'debian'));
    expect(read.map((each) => each.advisory)).toEqual(all);
  });

  it('reads more enrichments than one page, of one kind only', async () => {
    const all = Array.from({ length: 2500 }, (_none, at) => ({
      cve: `CVE-2099-${at + 1000}`,
      value: `{"score":0.${at}}`,
    }));
    const { scheme: _scheme, ...change } = CHANGE;
    await store.enrichments.update({ ...change, feed: 'epss', kind: 'epss', enrichments: all });
    await store.enrichments.update({
      ...change,
      feed: 'kev',
      kind: 'kev',
      enrichments: [{ cve: 'CVE-2099-1', value: '{}' }],
    });
    const read = await store.feedSnapshot(async ({ enrichments }) => {
      const found: StoredEnrichment[] = [];
      for await (const each of enrichments('epss')) found.push(each);
      return found;
    });
    expect(read).toEqual(all.map((each) => ({ ...each, severity: null })));
  });

  it.skipIf(engine === 'memory')('does not change while an update is committed', async () => {
    const [one, two] = [advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'a' })];
    await update([one]);
    await store.feedSnapshot(async (snapshot) => {
      await update([two], { at: 2000 });
      expect((await allOf(snapshot, 'debian')).map((each) => each.advisory)).toEqual([one]);
      expect(snapshot.feeds).toMatchObject([{ lastSuccess: 1000 }]);
      expect(await store.vulnerabilities.find('CVE-2')).toHaveLength(1);
    });
    const later = await store.feedSnapshot(async (snapshot) => await allOf(snapshot, 'debian'));
    expect(later.map((each) => each.advisory)).toEqual([two]);
  });

  it('releases the store when reading fails', async () => {
    const failing = store.feedSnapshot(async () => await Promise.reject(new Error('stopped')));
    await expect(failing).rejects.toThrow('stopped');
    await update([advisory('CVE-1', { package: 'a' })]);
    expect(await store.feedSnapshot(async ({ feeds }) => feeds.length)).toBe(1);
  });

  it('includes a feed with data older than its last attempt', async () => {
    async function* advisories(): AsyncGenerator<OrderedAdvisory> {
      yield* orderedAdvisories([advisory('CVE-1', { package: 'a' })]);
    }
    await store.vulnerabilities.update({ ...CHANGE, advisories: advisories(), at: 5000, fetchedAt: 1000 });
    expect(await store.feeds.find('debian')).toMatchObject({ lastAttempt: 5000, lastSuccess: 1000 });
    expect(await store.changeLog.read({ after: 0, limit: 9 })).toMatchObject([{ name: 'CVE-1', at: 5000 }]);
  });
});

async function allOf(snapshot: FeedSnapshot, feed: string): Promise<StoredAdvisory[]> {
  const all: StoredAdvisory[] = [];
  for await (const each of snapshot.advisories(feed)) all.push(each);
  return all;
}
