import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCount } from '../../../../test/fixtures/run-count.ts';
import type { Feature } from '../../../model/feature.ts';
import type { SchemeId } from '../../../versions/index.ts';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { FeatureChange, Layer } from '../../../model/layer.ts';
import type { ReportSnapshot, Store } from '../../contracts/store.ts';
import type { Engine } from '../../engines/engine.ts';
import { openEngine, storeOn } from '../../open-store.ts';
import { advisory, deb } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { newPostgresSource, newLayer } from '../../testing/stores.ts';
import { createEnrichmentOrder } from '../enrichments/enrichment-order.ts';
import { createReportCaches } from './cached-reads.ts';

type Placed = Pick<FeatureChange, 'feature' | 'namespace' | 'judgedBy'>;

const rpm = (version: string, module: string | null): Feature => ({
  type: 'rpm',
  name: 'a',
  version,
  arch: 'x86_64',
  source: { name: 's', version },
  ...(module !== null && { module }),
});

const placed: fc.Arbitrary<Placed> = fc.oneof(
  fc
    // The order of the last two names by code units differs from their order by bytes.
    .record({ name: fc.constantFrom('a', 'b', '\uFFEE', '\u{1F600}'), version: fc.constantFrom('1', '2') })
    .map(({ name, version }) => ({ feature: deb(name, version), namespace: 'debian:12' })),
  fc
    .record({ version: fc.constantFrom('1-1', '1:1-1'), module: fc.constantFrom(null, 'm:1') })
    .map(({ version, module }) => ({ feature: rpm(version, module), namespace: 'rhel:9' })),
  fc.boolean().map((isOwned) => ({
    feature: { type: 'npm', name: 'a', version: '1.0.0' },
    namespace: 'npm',
    ...(isOwned && { judgedBy: 'debian:12' }),
  })),
  fc.constant({ feature: { type: 'file', name: 'etc/a', version: 'present' }, namespace: 'file' }),
);

type About = Partial<AffectedPackage> & { package: string };

const FEEDS: Readonly<Record<string, { readonly scheme: SchemeId; readonly affected: fc.Arbitrary<About> }>> = {
  debian: {
    scheme: 'dpkg',
    affected: fc.record({
      package: fc.constantFrom('a', 'b'),
      severity: fc.constantFrom('Unknown', 'High'),
      status: fc.constantFrom('open', 'undetermined', 'under-investigation', 'fixed'),
      fixed: fc.constantFrom('1', '2', '3'),
    }),
  },
  redhat: {
    scheme: 'rpm',
    affected: fc
      .record(
        {
          cpe: fc.constantFrom('cpe:/a:one', 'cpe:/a:two'),
          module: fc.constantFrom('m:1', 'm:2'),
          archs: fc.constantFrom(['x86_64'], ['aarch64']),
          lastAffected: fc.constantFrom('0:9-1', '1:9-1'),
          role: fc.constant('source' as const),
        },
        { requiredKeys: [] },
      )
      .map((of) => ({ package: of.role === 'source' ? 's' : 'a', namespace: 'rhel:9', ...of })),
  },
  osv: {
    scheme: 'semver',
    affected: fc
      .record({ status: fc.constantFrom('open', 'unmaintained') })
      .map((of) => ({ package: 'a', namespace: 'npm', ...of })),
  },
};

const advisories = (affected: fc.Arbitrary<About>): fc.Arbitrary<readonly Advisory[]> =>
  fc
    .uniqueArray(
      fc.record({ id: fc.integer({ min: 1, max: 4 }), of: fc.array(affected, { minLength: 1, maxLength: 3 }) }),
      { selector: ({ id }) => id },
    )
    .map((all) =>
      all
        .toSorted((one, other) => one.id - other.id)
        .map(({ id, of }) => ({
          ...advisory(`CVE-2099-000${id}`, ...of),
          ...(id === 1 && { aliases: ['CVE-2099-0002', 'DSA-1'] }),
        })),
    );

type Step =
  | { readonly kind: 'layer'; readonly changes: readonly Placed[]; readonly path: string; readonly isFirst: boolean }
  | { readonly kind: 'feed'; readonly feed: string; readonly advisories: readonly Advisory[] }
  | { readonly kind: 'scores'; readonly score: number }
  | { readonly kind: 'epss'; readonly score: number }
  | { readonly kind: 'kev'; readonly action: string }
  | { readonly kind: 'failure'; readonly error: string }
  | { readonly kind: 'age'; readonly age: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('layer' as const),
    changes: fc.array(placed, { maxLength: 4 }),
    path: fc.constantFrom('', 'usr/x', 'srv/x'),
    isFirst: fc.boolean(),
  }),
  ...Object.entries(FEEDS).map(([feed, { affected }]) =>
    fc.record({ kind: fc.constant('feed' as const), feed: fc.constant(feed), advisories: advisories(affected) }),
  ),
  fc.record({ kind: fc.constant('scores' as const), score: fc.constantFrom(2, 9.8) }),
  fc.record({ kind: fc.constant('epss' as const), score: fc.constantFrom(0.1, 0.2) }),
  fc.record({ kind: fc.constant('kev' as const), action: fc.constantFrom('update', 'remove') }),
  fc.record({ kind: fc.constant('failure' as const), error: fc.constantFrom('one', 'other') }),
  fc.record({ kind: fc.constant('age' as const), age: fc.constantFrom(1, 2) }),
);

const CVES = ['CVE-2099-0003', 'CVE-2099-0002', 'CVE-2099-0001'];

/** The steps before the random steps, after which a layer has a match, an undecided pair and a note. */
const FIRST_STEPS: readonly Step[] = [
  {
    kind: 'feed',
    feed: 'debian',
    advisories: [advisory('CVE-2099-0001', { package: 'a' }, { package: 'b', status: 'undetermined' })],
  },
  {
    kind: 'feed',
    feed: 'osv',
    advisories: [advisory('CVE-2099-0002', { package: 'a', namespace: 'npm', status: 'unmaintained' })],
  },
  {
    kind: 'layer',
    changes: [
      { feature: deb('a', '1'), namespace: 'debian:12' },
      { feature: deb('b', '1'), namespace: 'debian:12' },
      { feature: { type: 'npm', name: 'a', version: '1.0.0' }, namespace: 'npm' },
    ],
    path: 'usr/x',
    isFirst: true,
  },
];

describe.each(['PostgreSQL', 'SQLite'])('reads with caches on %s', (engineName) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine(
      engineName === 'SQLite' ? { type: 'memory' } : { type: 'postgres', source: newPostgresSource() },
    );
  });
  afterAll(() => engine.close());

  let names = 0;
  let time = 0;

  async function apply(store: Store, of: Step, layers: Layer[]): Promise<void> {
    time += 1;
    if (of.kind === 'feed') {
      await publish(store, of.advisories, time, {
        feed: of.feed,
        scheme: FEEDS[of.feed]?.scheme ?? 'dpkg',
        repositories: new Map([['set', ['cpe:/a:one']]]),
      });
    } else if (of.kind === 'scores') {
      const order = createEnrichmentOrder();
      const vector = { vector: 'CVSS:3.1/AV:N', accessVector: 'network', complexity: 'low' } as const;
      const scores = [{ ...vector, version: '3.1', type: 'primary', score: of.score, source: 'nvd' } as const];
      order.add({ cve: 'CVE-2099-0002', value: { scores } });
      const state = { etag: null, lastModified: null, recordDiagnostics: { count: 0, examples: [] }, at: time };
      const update = { feed: 'nvd', kind: 'cvss', fetcherVersion: 1, enrichments: order.enrichments() } as const;
      await store.enrichments.update({ ...update, ...state });
    } else if (of.kind === 'epss') {
      const order = createEnrichmentOrder();
      order.add({ cve: 'CVE-2099-0001', value: { score: of.score } });
      const state = { etag: null, lastModified: null, recordDiagnostics: { count: 0, examples: [] }, at: 1 };
      const update = { feed: 'epss', kind: 'epss', fetcherVersion: 1, enrichments: order.enrichments() } as const;
      await store.enrichments.update({ ...update, ...state });
    } else if (of.kind === 'kev') {
      const order = createEnrichmentOrder();
      const entry = { name: 'n', added: '2099-01-01', due: '2099-02-01', action: of.action, ransomware: true };
      order.add({ cve: 'CVE-2099-0001', value: entry });
      const state = { etag: null, lastModified: null, recordDiagnostics: { count: 0, examples: [] }, at: 1 };
      const update = { feed: 'kev', kind: 'kev', fetcherVersion: 1, enrichments: order.enrichments() } as const;
      await store.enrichments.update({ ...update, ...state });
    } else if (of.kind === 'failure') {
      await store.feeds.recordFailure('debian', 1, of.error);
    } else if (of.kind === 'age') {
      await store.feeds.setStaleAfter('debian', of.age);
    } else {
      const parent = of.isFirst ? null : (layers.at(-1) ?? null);
      const depth = parent === null ? 0 : parent.depth + 1;
      const present = parent === null ? [] : await store.layers.features(parent.id);
      const removed = present.slice(0, 1).map((each) => ({ ...each, originDepth: depth, change: -1 as const }));
      const isHere = new Set(present.map(({ feature, path }) => `${JSON.stringify(feature)} ${path}`));
      const added = new Map<string, FeatureChange>();
      for (const each of of.changes) {
        const key = `${JSON.stringify(each.feature)} ${of.path}`;
        if (!isHere.has(key)) added.set(key, { ...each, path: of.path, originDepth: depth, change: 1 });
      }
      const changes = [...removed, ...added.values()];
      names += 1;
      layers.push(await store.layers.insert({ ...newLayer(`${names}`, parent, changes), contentSets: ['set'] }));
    }
  }

  /** Returns what a store returns about layers, on all its ways. */
  async function known(store: Store, layers: readonly Layer[]): Promise<object> {
    return await Promise.all(
      layers.map(async ({ id, name, engineVersion }) => {
        const read = async ({ matches, layers: of, enrichments, feeds }: ReportSnapshot): Promise<object> =>
          await Promise.all([
            matches.verdicts(id),
            of.features(id),
            of.files(id),
            of.chain(id),
            enrichments.ofCves(CVES),
            Promise.all(['debian:12', 'npm', 'none'].map((namespace) => feeds.covering(namespace))),
            feeds.all(),
          ]);
        const readNamed = async (at: ReportSnapshot): Promise<object> => {
          const layer = await at.layers.findCurrent(name, engineVersion);
          const none = await at.layers.findCurrent('none', engineVersion);
          return [layer, none, await at.layers.findCurrent(name, engineVersion + 1), await read(at)];
        };
        return [
          await read(store),
          await store.together(read),
          await store.snapshot(read),
          await readNamed(store),
          await store.together(readNamed),
        ];
      }),
    );
  }

  it('return the same as reads without caches, whatever changes', async () => {
    const outcomes = { matches: 0, undecided: 0, notes: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const plain = storeOn(engine, { caches: null });
        const stores = [storeOn(engine), storeOn(engine, { caches: createReportCaches(1500) })];
        const layers: Layer[] = [];
        for (const each of [...FIRST_STEPS, ...steps]) {
          await apply(plain, each, layers);
          const expected = await known(plain, layers);
          for (const store of stores) expect(await known(store, layers)).toEqual(expected);
          for (const { id } of layers) {
            const { matches, undecided, notes } = await plain.matches.verdicts(id);
            outcomes.matches += matches.length;
            outcomes.undecided += undecided.length;
            outcomes.notes += notes.length;
          }
        }
      }),
      { numRuns: runCount(200, 15) },
    );
    expect(Object.values(outcomes).every((count) => count > 0)).toBe(true);
  });

  /** Stores a layer above another layer with one package. */
  async function layerWith(store: Store, of: Feature, parent: Layer | null = null, path = ''): Promise<Layer> {
    names += 1;
    const change = {
      feature: of,
      path,
      namespace: 'debian:12',
      originDepth: parent === null ? 0 : 1,
      change: 1,
    } as const;
    return await store.layers.insert(newLayer(`${names}`, parent, [change]));
  }

  it('return the lowest layer that added one of the paths', async () => {
    const store = storeOn(engine);
    await publish(store, [advisory('CVE-2099-0001', { package: 'a' })], (time += 1));
    const base = await layerWith(store, deb('a', '1'), null, 'srv/x');
    const { id } = await layerWith(store, deb('a', '1'), base, 'usr/x');
    expect((await store.matches.verdicts(id)).matches.map(({ originDepth }) => originDepth)).toEqual([0]);
  });

  it('return the texts of a vulnerability that was first read for an undecided package', async () => {
    const store = storeOn(engine);
    const affects = [{ package: 'a', status: 'undetermined' } as const, { package: 'b' }];
    await publish(store, [advisory('CVE-2099-0001', ...affects)], (time += 1));
    const undecided = await layerWith(store, deb('a', '1'));
    expect((await store.matches.verdicts(undecided.id)).undecided).toHaveLength(1);
    const affectedLayer = await layerWith(store, deb('b', '1'));
    const [match] = (await store.matches.verdicts(affectedLayer.id)).matches;
    expect(match?.vulnerability.description).toBe('What CVE-2099-0001 is about.');
  });

  /** Returns a store on which `change` runs after the first statement of a call, when it is set. */
  function storeWith(between: { change?: () => Promise<void> }): Store {
    return storeOn({
      ...engine,
      read: {
        ...engine.read,
        async get<Row>(...question: Parameters<Engine['read']['get']>) {
          const row = await engine.read.get<Row>(...question);
          await between.change?.();
          return row;
        },
      },
    });
  }

  it('never mix the data of before and after a change', async () => {
    const between: Parameters<typeof storeWith>[0] = {};
    const store = storeWith(between);
    const affects = [{ package: 'a' }, { package: 'b' }];
    await publish(store, [advisory('CVE-2099-0001', ...affects)], (time += 1));
    const base = await layerWith(store, deb('a', '1'));
    expect((await store.matches.verdicts(base.id)).matches).toHaveLength(1);
    const { id } = await layerWith(store, deb('b', '1'), base);
    between.change = () => publish(storeOn(engine), [advisory('CVE-2099-0002', ...affects)], (time += 1));
    const { matches } = await store.matches.verdicts(id);
    expect(matches.map(({ vulnerability, feature }) => `${vulnerability.name} ${feature.name}`)).toEqual([
      'CVE-2099-0002 a',
      'CVE-2099-0002 b',
    ]);
  });

  if (engineName === 'SQLite') return;

  it('never return data of before a failover, even if the numbers of revisions and features return', async () => {
    const store = storeOn(engine);
    const found = async ({ id }: Layer): Promise<readonly string[]> =>
      (await store.matches.ofLayer(id)).map(({ vulnerability, feature }) => `${vulnerability.name} ${feature.name}`);
    const affects = (...packages: readonly string[]): readonly About[] => packages.map((name) => ({ package: name }));
    await publish(store, [], (time += 1));
    const kept = await layerWith(store, deb('kept', '1'));
    await publish(store, [advisory('CVE-2099-0001', ...affects('kept', 'lost'))], (time += 1));
    const lost = await layerWith(store, deb('lost', '1'));
    expect([await found(kept), await found(lost)]).toEqual([['CVE-2099-0001 kept'], ['CVE-2099-0001 lost']]);
    expect(await store.layers.features(lost.id)).toHaveLength(1);
    // A standby without the last changes becomes the primary.
    await engine.transaction(async ({ run, get }) => {
      await run('DELETE FROM layer WHERE id = ?', [lost.id]);
      await run("DELETE FROM feature_point WHERE feature IN (SELECT id FROM feature WHERE name = 'lost')");
      await run("DELETE FROM feature WHERE name = 'lost'");
      for (const table of ['feature', 'layer']) {
        await get(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), MAX(id)) FROM ${table}`);
      }
      await run("UPDATE flag SET value = CAST(CAST(value AS BIGINT) - 1 AS TEXT) WHERE name = 'data/revision'");
    });
    await publish(store, [advisory('CVE-2099-0002', ...affects('kept', 'new'))], (time += 1));
    const added = await layerWith(store, deb('new', '1'));
    expect(added.id).toBe(lost.id);
    expect([await found(kept), await found(added)]).toEqual([['CVE-2099-0002 kept'], ['CVE-2099-0002 new']]);
    expect((await store.layers.features(added.id)).map(({ feature }) => feature.name)).toEqual(['new']);
  });

  it('keep no matches of a package that is removed between two statements', async () => {
    const between: Parameters<typeof storeWith>[0] = {};
    const store = storeWith(between);
    await publish(store, [advisory('CVE-2099-0001', { package: 'back' })], (time += 1));
    const layer = await layerWith(store, deb('back', '1'));
    between.change = () =>
      engine.transaction(async ({ run }) => {
        await run('DELETE FROM layer WHERE id = ?', [layer.id]);
        await run("DELETE FROM feature_point WHERE feature IN (SELECT id FROM feature WHERE name = 'back')");
        await run("DELETE FROM feature WHERE name = 'back'");
      });
    expect((await store.matches.verdicts(layer.id)).matches).toEqual([]);
    delete between.change;
    const { id } = await layerWith(store, deb('back', '1'));
    expect((await store.matches.verdicts(id)).matches.map(({ feature }) => feature.name)).toEqual(['back']);
  });
});
