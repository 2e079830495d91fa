import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES, newLayer } from './testing/stores.ts';
import { advisory, deb, digestOf } from './testing/packages.ts';
import type { Advisory } from '../model/advisories/advisory.ts';
import type { Layer, FeatureChange } from '../model/layer.ts';
import { type SystemPackage } from '../model/feature.ts';
import { orderedAdvisories } from './queries/vulnerabilities/advisory-order.ts';
import type { OrderedAdvisory } from './contracts/vulnerabilities.ts';
import { openStore } from './open-store.ts';
import type { NewLayer } from './contracts/layers.ts';
import type { Store } from './contracts/store.ts';
import type { UpdateCounts } from './contracts/vulnerabilities.ts';

describe.each(ENGINES)('a store on %s', (engine, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  function install(of: SystemPackage, depth: number, namespace = 'debian:12'): FeatureChange {
    return { feature: of, path: '', namespace, originDepth: depth, change: 1 };
  }

  function remove(of: SystemPackage, depth: number, namespace = 'debian:12'): FeatureChange {
    return { feature: of, path: '', namespace, originDepth: depth, change: -1 };
  }

  const insert = async (
    name: string,
    parent: Layer | null,
    changes: readonly FeatureChange[],
    rest: Partial<NewLayer> = {},
  ): Promise<Layer> => await store.layers.insert({ ...newLayer(name, parent, changes), ...rest });

  const update = async (advisories: readonly Advisory[], at = 1000): Promise<UpdateCounts> =>
    await updateOrdered(orderedAdvisories(advisories), at);

  async function updateOrdered(advisories: Iterable<OrderedAdvisory>, at: number): Promise<UpdateCounts> {
    return await store.vulnerabilities.update({
      feed: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 1,
      advisories,
      etag: null,
      lastModified: null,
      recordDiagnostics: { count: 0, examples: [] },
      at,
    });
  }

  const names = async (layer: Layer): Promise<string[]> =>
    (await store.layers.features(layer.id)).map(({ feature: of }) => `${of.name} ${of.version}`);
  const found = async (layer: Layer): Promise<string[]> =>
    (await store.matches.ofLayer(layer.id)).map(
      ({ vulnerability, feature: of, originDepth }) => `${vulnerability.name} ${of.name} @${originDepth}`,
    );

  describe('layers', () => {
    const [a1, a2, b1] = [deb('a', '1'), deb('a', '2'), deb('b', '1')];

    it('returns an inserted layer by name and by id', async () => {
      const diagnostics = [{ code: 'release-ambiguous', message: 'm', where: 'w' }] as const;
      const contentSets = ['rhel-9-for-x86_64-appstream-rpms', 'rhel-9-for-x86_64-baseos-rpms'];
      const base = await insert('base', null, [], { diagnostics, distribution: null, contentSets });
      const top = await insert('top', base, [], { digest: digestOf('b') });
      expect(await store.layers.find('base')).toEqual(base);
      expect(await store.layers.get(top.id)).toEqual({ ...top, parent: base.id, depth: 1 });
      expect(base).toMatchObject({ depth: 0, parent: null, diagnostics, distribution: null, contentSets });
      expect(await store.layers.find('none')).toBeUndefined();
      expect((await store.layers.chain(top.id)).map(({ name }) => name)).toEqual(['base', 'top']);
    });

    it('adds up the changes of the ancestors, and returns which layer introduced each version', async () => {
      const base = await insert('base', null, [install(a1, 0), install(b1, 0)]);
      const upgraded = await insert('upgraded', base, [remove(a1, 1), install(a2, 1)]);
      const removed = await insert('removed', upgraded, [remove(b1, 2)]);
      const again = await insert('again', removed, [install(b1, 3)]);
      expect(await names(base)).toEqual(['a 1', 'b 1']);
      expect(await names(upgraded)).toEqual(['a 2', 'b 1']);
      expect(await names(removed)).toEqual(['a 2']);
      expect((await store.layers.features(again.id)).map(({ originDepth }) => originDepth)).toEqual([1, 3]);
      expect(await store.layers.changes(upgraded.id)).toEqual([remove(a1, 1), install(a2, 1)]);
      const counts = await store.layers.changeCounts(again.id);
      expect([base, upgraded, removed, again].map(({ id }) => counts.get(id))).toEqual([
        { added: 2, removed: 0 },
        { added: 1, removed: 1 },
        { added: 0, removed: 1 },
        { added: 1, removed: 0 },
      ]);
    });

    it('keeps each path of a feature and the layer that added it there', async () => {
      const at = (path: string, originDepth: number, change: 1 | -1) => ({ ...install(a1, originDepth), path, change });
      const base = await insert('base', null, [at('app/one', 0, 1)]);
      const copied = await insert('copied', base, [at('app/two', 1, 1)]);
      const removed = await insert('removed', copied, [at('app/one', 2, -1)]);
      const again = await insert('again', removed, [at('app/one', 3, 1)]);
      const places = async ({ id }: Layer): Promise<unknown> =>
        (await store.layers.features(id)).map(({ path, originDepth }) => `${path} @${originDepth}`).toSorted();
      expect(await places(copied)).toEqual(['app/one @0', 'app/two @1']);
      expect(await places(removed)).toEqual(['app/two @1']);
      expect(await places(again)).toEqual(['app/one @3', 'app/two @1']);
      await update([advisory('CVE-1', { package: 'a' })]);
      const origins = [base, copied, removed, again].map(async (layer) => await found(layer));
      expect(await Promise.all(origins)).toEqual([['CVE-1 a @0'], ['CVE-1 a @0'], ['CVE-1 a @1'], ['CVE-1 a @1']]);
    });

    it('counts the features of each namespace', async () => {
      const base = await insert('base', null, [install(a1, 0), install(b1, 0, 'debian:13'), install(a2, 0, '')]);
      const top = await insert('top', base, [remove(b1, 1, 'debian:13')]);
      expect(Object.fromEntries(await store.layers.namespaces(base.id))).toEqual({
        'debian:12': 1,
        'debian:13': 1,
        '': 1,
      });
      expect(Object.fromEntries(await store.layers.namespaces(top.id))).toEqual({ 'debian:12': 1, '': 1 });
    });

    it('does not return a package that only changed its namespace as a change', async () => {
      const base = await insert('base', null, [install(a1, 0)]);
      const moved = await insert('moved', base, [
        remove(a1, 0),
        install(a1, 0, 'debian:13'),
        install(b1, 1, 'debian:13'),
      ]);
      expect(await store.layers.changes(moved.id)).toEqual([install(b1, 1, 'debian:13')]);
      expect((await store.layers.changeCounts(moved.id)).get(moved.id)).toEqual({ added: 1, removed: 0 });
      expect(await store.layers.features(moved.id)).toMatchObject([
        { feature: { name: 'a' }, path: '', namespace: 'debian:13', originDepth: 0 },
        { feature: { name: 'b' }, path: '', namespace: 'debian:13', originDepth: 1 },
      ]);
    });

    it('keeps the first of two layers with the same name, and finds the layer of the newest engine', async () => {
      const first = await insert('one', null, [install(a1, 0)]);
      expect(await insert('one', null, [install(b1, 0)])).toEqual(first);
      const newer = await insert('one', null, [install(a2, 0)], { engineVersion: 2 });
      expect(await store.layers.find('one')).toEqual(newer);
      expect(await names(first)).toEqual(['a 1']);
    });

    it('stores a layer completely or not at all', async () => {
      const broken = insert('broken', null, [install(a1, 0), install(a1, 0)]);
      await expect(broken).rejects.toThrow(/unique/i);
      expect(await store.layers.find('broken')).toBeUndefined();
      expect(await store.layers.contents(digestOf('a'), 1)).toBeUndefined();
      const orphan = insert('orphan', { id: 99, depth: 3 } as Layer, [install(a1, 4)]);
      await expect(orphan).rejects.toMatchObject({ code: 'layer/parent-unknown' });
      expect(await store.layers.find('orphan')).toBeUndefined();
    });

    it('stores contents by digest and engine version', async () => {
      await insert('one', null, [], { contents: Buffer.from([0, 255, 10]) });
      expect(await store.layers.contents(digestOf('a'), 1)).toEqual(Buffer.from([0, 255, 10]));
      expect(await store.layers.contents(digestOf('a'), 2)).toBeUndefined();
    });
  });

  describe('forward matching', () => {
    it('matches the source version with half-open intervals', async () => {
      await update([
        advisory('CVE-1', { package: 'src', fixed: '2' }),
        advisory('CVE-2', { package: 'src' }),
        advisory('CVE-3', { package: 'src', introduced: '1.5', fixed: '2.5' }),
        advisory('CVE-4', { package: 'src', status: 'undetermined' }),
        advisory('CVE-5', { package: 'src', fixed: '9', namespace: 'debian:13' }),
        advisory('CVE-6', { package: 'binary', fixed: '9' }),
      ]);
      const at = async (version: string): Promise<string[]> =>
        await found(await insert(version, null, [install(deb('binary', '100', { name: 'src', version }), 0)]));
      expect(await at('1')).toEqual(['CVE-1 binary @0', 'CVE-2 binary @0']);
      expect(await at('1.5')).toEqual(['CVE-1 binary @0', 'CVE-2 binary @0', 'CVE-3 binary @0']);
      expect(await at('2')).toEqual(['CVE-2 binary @0', 'CVE-3 binary @0']);
      expect(await at('2~rc1')).toEqual(['CVE-1 binary @0', 'CVE-2 binary @0', 'CVE-3 binary @0']);
      expect(await at('2.5')).toEqual(['CVE-2 binary @0']);
    });

    it('lists a package with a malformed version but does not match it', async () => {
      await update([advisory('CVE-1', { package: 'a' })]);
      const layer = await insert('one', null, [install(deb('a', 'not a version'), 0)]);
      expect(await names(layer)).toEqual(['a not a version']);
      expect(await found(layer)).toEqual([]);
    });

    it('matches rpm packages by their own name and version, and keeps all their fields', async () => {
      const source = { name: 'openssl', version: '3.0.7-1.el9' };
      const of: SystemPackage = { type: 'rpm', name: 'openssl-libs', version: '1:3.0.7-1.el9', arch: 'x86_64', source };
      const known = { ...of, vendor: 'A vendor', module: 'm:1:2:c' };
      const withEmptyLabel = { ...of, module: '' };
      await update([advisory('CVE-1', { package: 'openssl' }), advisory('CVE-2', { package: 'openssl-libs' })]);
      const layer = await insert('one', null, [install(of, 0), install(known, 0), install(withEmptyLabel, 0)]);
      const packages = (await store.layers.features(layer.id)).map((each) => each.feature);
      expect(packages).toEqual([withEmptyLabel, known, of]);
      expect(await found(layer)).toEqual([of, withEmptyLabel].map(() => 'CVE-2 openssl-libs @0'));
    });

    it('returns every field of a match, the worst first', async () => {
      await update([
        advisory('CVE-1', { package: 'a', severity: 'Low' }),
        advisory('CVE-2', { package: 'a', severity: 'High', fixed: '2' }),
      ]);
      const base = await insert('base', null, [install(deb('a', '1'), 0)]);
      const [worst, other] = await store.matches.ofLayer((await insert('top', base, [])).id);
      expect(worst).toEqual({
        vulnerability: {
          feed: 'debian',
          name: 'CVE-2',
          link: 'https://tracker.test/CVE-2',
          description: 'What CVE-2 is about.',
          aliases: [],
        },
        namespace: 'debian:12',
        severity: 'High',
        severityFrom: 'feed',
        status: 'fixed',
        fixed: '2',
        range: { name: 'a', introduced: null, lastAffected: null },
        feature: deb('a', '1'),
        originDepth: 0,
      });
      expect(other).toMatchObject({ severity: 'Low', status: 'open', fixed: null });
    });
  });

  describe('backward matching', () => {
    it('returns the layers that introduce a vulnerable version, and no layer that only inherits it', async () => {
      const base = await insert('base', null, [install(deb('a', '1'), 0)]);
      await insert('inherits', base, []);
      const upgraded = await insert('upgraded', base, [remove(deb('a', '1'), 1), install(deb('a', '3'), 1)]);
      await insert('downgraded', upgraded, [remove(deb('a', '3'), 2), install(deb('a', '2'), 2)]);
      await update([advisory('CVE-1', { package: 'a', fixed: '3' })]);
      const page = async (after: number, limit: number): Promise<string[]> =>
        (await store.matches.introducingLayers(['CVE-1'], { after, limit })).map(({ name }) => name);
      expect(await page(0, 10)).toEqual(['base', 'downgraded']);
      expect(await page(0, 1)).toEqual(['base']);
      expect(await page(base.id, 10)).toEqual(['downgraded']);
      expect(await store.matches.introducingLayers(['CVE-none'], { after: 0, limit: 10 })).toEqual([]);
    });
  });

  describe('an update of a feed', () => {
    const [one, two, three] = [
      advisory('CVE-1', { package: 'a', fixed: '2' }),
      advisory('CVE-2', { package: 'a', fixed: '2' }),
      advisory('CVE-3', { package: 'b' }),
    ];

    it('writes only differences, each with one row in the change log', async () => {
      expect(await update([one, two])).toEqual({ added: 2, changed: 0, withdrawn: 0, unchanged: 0 });
      expect(await update([one, two])).toEqual({ added: 0, changed: 0, withdrawn: 0, unchanged: 2 });
      const changed = advisory('CVE-1', { package: 'a', fixed: '2.1' });
      expect(await update([changed, three], 2000)).toEqual({ added: 1, changed: 1, withdrawn: 1, unchanged: 0 });
      const log = await store.changeLog.read({ after: 0, limit: 10 });
      expect(log.map(({ name, kind, before, at }) => [name, kind, before, at])).toEqual([
        ['CVE-1', 'added', null, 1000],
        ['CVE-2', 'added', null, 1000],
        ['CVE-1', 'changed', one, 2000],
        ['CVE-2', 'withdrawn', two, 2000],
        ['CVE-3', 'added', null, 2000],
      ]);
      expect((await store.changeLog.read({ after: log[3]?.id ?? 0, limit: 10 })).map(({ name }) => name)).toEqual([
        'CVE-3',
      ]);
      expect(await store.vulnerabilities.find('CVE-1')).toEqual([
        {
          feed: 'debian',
          name: 'CVE-1',
          link: changed.link,
          description: changed.description,
          aliases: [],
          affected: changed.affected,
        },
      ]);
      expect(await store.vulnerabilities.find('CVE-2')).toEqual([]);
    });

    it.each<[string, Partial<Advisory>]>([
      ['the link', { link: 'https://elsewhere.test' }],
      ['the description', { description: 'Other words.' }],
      ['a severity', advisory('CVE-1', { package: 'a', fixed: '2', severity: 'High' })],
      ['a status', advisory('CVE-1', { package: 'a', fixed: '2', status: 'end-of-life' })],
      ['a namespace', advisory('CVE-1', { package: 'a', fixed: '2', namespace: 'debian:13' })],
      ['the removal of all affected packages', { affected: [] }],
    ])('detects %s as a change', async (_what, difference) => {
      await update([one]);
      expect(await update([{ ...one, ...difference }])).toMatchObject({ changed: 1 });
    });

    it('reads many more vulnerabilities than one page, with any of them missing', async () => {
      const all = Array.from({ length: 2500 }, (_none, at) => advisory(`CVE-${at + 1000}`, { package: `p${at % 7}` }));
      await update(all);
      const [odd, even] = [all.filter((_a, at) => at % 2 === 1), all.filter((_a, at) => at % 2 === 0)];
      expect(await update(odd)).toEqual({ added: 0, changed: 0, withdrawn: 1250, unchanged: 1250 });
      expect(await update(even)).toEqual({ added: 1250, changed: 0, withdrawn: 1250, unchanged: 0 });
      expect(await update(all)).toEqual({ added: 1250, changed: 0, withdrawn: 0, unchanged: 1250 });
    });

    // SQLite runs the same code in memory and on disk.
    it.skipIf(engine === 'sqlite')('accepts a vulnerability of very many packages', async () => {
      const { affected, ...rest } = advisory('CVE-1', { package: 'p' });
      const many = Array.from({ length: 130_000 }, (_none, at) => ({ ...affected[0]!, package: `p${at}` }));
      expect(await update([{ ...rest, affected: many }])).toMatchObject({ added: 1 });
      const [record] = await store.vulnerabilities.find('CVE-1');
      expect(record?.affected).toHaveLength(130_000);
    });

    it('is stored completely or not at all', async () => {
      await update([one]);
      const broken = [two, advisory('CVE-3', { package: 'a', fixed: 'no version' })];
      await expect(update(broken, 2000)).rejects.toMatchObject({ code: 'version/invalid' });
      function* cut(): Generator<OrderedAdvisory> {
        yield* orderedAdvisories([two]);
        throw new Error('cut off');
      }
      await expect(updateOrdered(cut(), 2000)).rejects.toThrow('cut off');
      await expect(update([two, one], 2000)).rejects.toThrow('ascending');
      expect(await store.vulnerabilities.find('CVE-1')).toHaveLength(1);
      expect(await store.vulnerabilities.find('CVE-2')).toEqual([]);
      expect(await store.changeLog.read({ after: 0, limit: 10 })).toHaveLength(1);
      expect(await store.feeds.find('debian')).toMatchObject({ lastSuccess: 1000, vulnerabilities: 1 });
    });

    it('keeps the advisories of other feeds', async () => {
      await update([one]);
      const other = { feed: 'other', scheme: 'dpkg', fetcherVersion: 1, etag: null, lastModified: null } as const;
      await store.vulnerabilities.update({
        ...other,
        advisories: orderedAdvisories([one]),
        recordDiagnostics: { count: 0, examples: [] },
        at: 1,
      });
      await update([]);
      expect((await store.vulnerabilities.find('CVE-1')).map(({ feed }) => feed)).toEqual(['other']);
    });

    it('are found once by each of their names, with the advisory of this name first', async () => {
      const erratum = { ...advisory('A-1', { package: 'a' }), aliases: ['CVE-1', 'CVE-2'] };
      await update([erratum, { ...one, aliases: ['CVE-1'] }, two]);
      const named = async (name: string, limit = 9): Promise<string[]> =>
        (await store.vulnerabilities.about(name, limit)).map((record) => record.name);
      expect(await named('CVE-1')).toEqual(['CVE-1', 'A-1']);
      expect(await named('CVE-1', 1)).toEqual(['CVE-1']);
      expect(await named('CVE-3')).toEqual([]);
      const [record] = await store.vulnerabilities.about('A-1', 1);
      expect(record).toMatchObject({ aliases: ['CVE-1', 'CVE-2'], affected: [{ package: 'a' }] });
    });

    it('share names in some namespaces', async () => {
      const twin = { ...advisory('A-1', { package: 'a' }), aliases: ['CVE-1'] };
      const elsewhere = { ...advisory('A-2', { package: 'a', namespace: 'debian:13' }), aliases: ['CVE-1'] };
      await update([twin, elsewhere, one, two]);
      const { vulnerabilities } = store;
      expect(await vulnerabilities.sharing(['CVE-1'], ['debian:12'], 9)).toEqual([
        { name: 'A-1', aliases: ['CVE-1'] },
        { name: 'CVE-1', aliases: [] },
      ]);
      expect(await vulnerabilities.sharing(['CVE-1', 'A-2'], ['debian:13', 'debian:14'], 9)).toMatchObject([
        { name: 'A-2' },
      ]);
      expect(await vulnerabilities.sharing(['CVE-1'], ['debian:12'], 1)).toMatchObject([{ name: 'A-1' }]);
    });

    it('returns the feeds that cover a namespace', async () => {
      await update([one, advisory('CVE-9', { package: 'a', namespace: 'debian:13' })]);
      expect(await store.feeds.covering('debian:12')).toEqual(['debian']);
      expect(await store.feeds.covering('debian:13')).toEqual(['debian']);
      await update([one]);
      expect(await store.feeds.covering('debian:13')).toEqual([]);
    });
  });

  it('keeps the data of a feed when an attempt fails, and records the error', async () => {
    await store.feeds.recordFailure('other', 500, 'no network');
    await update([advisory('CVE-1', { package: 'a' })]);
    await store.feeds.recordFailure('debian', 2000, 'cut off');
    expect(await store.feeds.all()).toMatchObject([
      { feed: 'debian', lastAttempt: 2000, lastSuccess: 1000, error: 'cut off', vulnerabilities: 1 },
      { feed: 'other', lastAttempt: 500, lastSuccess: null, error: 'no network', fetcherVersion: null },
    ]);
    await store.feeds.recordUnchanged('debian', 3000);
    expect(await store.feeds.find('debian')).toMatchObject({ lastAttempt: 3000, lastSuccess: 3000, error: null });
  });

  it('stores flags', async () => {
    expect(await store.flags.get('x')).toBeUndefined();
    await store.flags.set('x', '1');
    await store.flags.set('x', '2');
    expect(await store.flags.get('x')).toBe('2');
  });
});
