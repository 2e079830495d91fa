import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../../testing/store-content.ts';
import { advisory, deb } from '../../testing/packages.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../../testing/stores.ts';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { Digest } from '../../../model/digest.ts';
import type { Layer, FeatureChange } from '../../../model/layer.ts';
import { type SystemPackage } from '../../../model/feature.ts';
import { orderedAdvisories } from '../vulnerabilities/advisory-order.ts';
import type { Engine } from '../../engines/engine.ts';
import { openEngine, openStore, storeOn } from '../../open-store.ts';
import type { ImagePosition } from '../../contracts/matches.ts';
import type { Store } from '../../contracts/store.ts';

const NAMES = ['a', 'b'] as const;
const PRODUCT = 'cpe:/a:product';
const REPOSITORY = 'repository-of-product';

const version = fc.constantFrom(undefined, undefined, 0, 1, 2, 3);

/**
 * A layer that installs versions of packages (0 removes a package) and may have a different release than its parent.
 */
const layerArbitrary = fc.record({
  parent: fc.option(fc.nat(), { freq: 8 }),
  versions: fc.record({ a: version, b: version }),
  isOfNextRelease: fc.constantFrom(false, false, true),
  isOfProduct: fc.boolean(),
  /**
   * The namespace of the owners of the files of the installed packages. The support of Debian 11 ends on 2026-08-31.
   */
  judgedBy: fc.constantFrom(undefined, undefined, 'debian:11', 'debian:12', 'debian:14'),
  images: fc.nat(2),
});

const affectedArbitrary = fc.record({
  package: fc.constantFrom(...NAMES),
  namespace: fc.constantFrom('debian:12', 'debian:12', 'debian:13'),
  bounds: fc.constantFrom<Partial<AffectedPackage>>({}, { fixed: '2' }, { fixed: '3' }),
  meant: fc.constantFrom<Partial<AffectedPackage>>(
    {},
    {},
    {},
    { archs: ['amd64'] },
    { archs: ['arm64'] },
    { cpe: PRODUCT },
    { cpe: 'cpe:/a:other' },
    { status: 'undetermined' },
  ),
});

const worldArbitrary = fc.record({
  time: fc.constantFrom(Date.parse('2026-08-31'), Date.parse('2026-09-01')),
  layers: fc.array(layerArbitrary, { minLength: 1, maxLength: 12 }),
  advisories: fc.array(fc.array(affectedArbitrary, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 2 }),
});

type World = typeof worldArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

type Installed = {
  readonly of: SystemPackage;
  readonly namespace: string;
  readonly originDepth: number;
  readonly judgedBy?: string;
};

describe.each(ENGINES)('the images that a vulnerability affects (%s)', (engine, optionsOf) => {
  it('are the images with a finding, each once, for every page size', async () => {
    await fc.assert(
      fc.asyncProperty(worldArbitrary, async (world) => {
        const store = await openStore(optionsOf(), { time: () => world.time });
        try {
          await build(store, world);
          for (const names of [['CVE-0'], ['CVE-1'], ['CVE-1', 'CVE-0'], ['CVE-none'], []]) {
            const expected = await imagesReporting(store, names);
            const [first, ...others] = await Promise.all([1, 2, 7, 100].map((limit) => allPages(store, names, limit)));
            expect(first?.toSorted()).toEqual(expected.toSorted());
            for (const other of others) expect(other).toEqual(first);
            const said = (await Promise.all(names.map((name) => store.vulnerabilities.find(name)))).flat();
            const affected = said.flatMap((each) => each.affected);
            const byPackages = await allPages(store, affected, 2);
            expect(byPackages).toEqual(first);
          }
        } finally {
          await store.close();
        }
      }),
      { numRuns: engine === 'memory' ? 60 : 8 },
    );
  });
});

async function build(store: Store, { layers, advisories }: World): Promise<void> {
  const known: { readonly layer: Layer; readonly installed: ReadonlyMap<string, Installed> }[] = [];
  const leaves: number[] = [];
  for (const [at, { parent, versions, isOfNextRelease, isOfProduct, judgedBy, images }] of layers.entries()) {
    const below = parent === null ? undefined : known[parent % Math.max(1, known.length)];
    const depth = below === undefined ? 0 : below.layer.depth + 1;
    const namespace = isOfNextRelease ? 'debian:13' : 'debian:12';
    const installed = new Map<string, Installed>();
    // Inherited packages are matched against the release of the layer that inherits them.
    for (const [name, each] of below?.installed ?? []) installed.set(name, { ...each, namespace });
    for (const name of NAMES) {
      const wanted = versions[name];
      if (wanted === 0) installed.delete(name);
      else if (wanted !== undefined && installed.get(name)?.of.version !== String(wanted)) {
        const by = judgedBy === undefined ? {} : { judgedBy };
        installed.set(name, { of: deb(name, String(wanted)), namespace, originDepth: depth, ...by });
      }
    }
    const changes = changesBetween(below?.installed ?? new Map(), installed, depth);
    const contentSets = [...new Set([...(below?.layer.contentSets ?? []), ...(isOfProduct ? [REPOSITORY] : [])])];
    const layer = await store.layers.insert({
      ...newLayer(`layer-${at}`, below?.layer ?? null, changes),
      contentSets,
    });
    known.push({ layer, installed });
    // A newer engine finds no packages in the same layer; images still refer to the layer of their scan.
    if (at % 5 === 4) await store.layers.insert({ ...newLayer(`layer-${at}`, null, []), engineVersion: 2 });
    for (let image = 0; image < images; image += 1) leaves.push(layer.id);
  }
  for (const [at, leaf] of [...leaves, null].entries()) await record(store, at, leaf);
  // One image is scanned again with other layers, and another image is removed.
  if (leaves.length > 2) {
    await record(store, 0, leaves.at(-1) ?? null);
    await store.images.remove(imageDigest(1));
  }
  const said = advisories.map((affected, at): Advisory => {
    const all = affected.map(({ bounds, meant, ...of }) => ({ ...of, ...bounds, ...meant }));
    return advisory(`CVE-${at}`, ...all);
  });
  // The feed also covers Debian 11.
  said.push(advisory('CVE-other', { package: 'other', namespace: 'debian:11' }));
  await store.vulnerabilities.update({
    feed: 'debian',
    scheme: 'dpkg',
    fetcherVersion: 1,
    advisories: orderedAdvisories(said.map((each) => ({ ...each, affected: distinct(each.affected) }))),
    repositories: new Map([[REPOSITORY, [PRODUCT]]]),
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    at: 1,
  });
}

function changesBetween(
  before: ReadonlyMap<string, Installed>,
  after: ReadonlyMap<string, Installed>,
  depth: number,
): readonly FeatureChange[] {
  const changes: FeatureChange[] = [];
  for (const name of NAMES) {
    const [old, present] = [before.get(name), after.get(name)];
    if (old?.namespace === present?.namespace && old?.of.version === present?.of.version) continue;
    const isMoved = old?.of.version === present?.of.version;
    const removed = isMoved ? old?.originDepth : depth;
    if (old) {
      const { of, ...others } = old;
      changes.push({ ...others, feature: of, path: '', originDepth: removed ?? depth, change: -1 });
    }
    if (present) {
      const { of, ...others } = present;
      changes.push({ ...others, feature: of, path: '', change: 1 });
    }
  }
  return changes;
}

/** Removes all but one range per version line, because no advisory has two ranges on the same version line. */
function distinct(affected: readonly AffectedPackage[]): readonly AffectedPackage[] {
  return [...new Map(affected.map((each) => [JSON.stringify([each.package, each.namespace]), each])).values()];
}

function imageDigest(at: number): Digest {
  return `sha256:${String(at).padStart(64, '0')}`;
}

async function record(store: Pick<Store, 'images'>, at: number, leaf: number | null): Promise<void> {
  const image = { digest: imageDigest(at), reference: `r:${at}`, target: 't', platform: 'p', leaf, scannedAt: at };
  await store.images.record({ ...NO_CONTENTS, ...image });
}

async function imagesReporting(store: Store, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { digest } of await store.counts.marks({ after: undefined, limit: 1000 })) {
    const leaf = (await store.images.find(digest))?.leaf ?? null;
    const matches = leaf === null ? [] : await store.matches.ofLayer(leaf);
    if (matches.some(({ vulnerability }) => names.includes(vulnerability.name))) found.push(digest);
  }
  return found;
}

/** Returns all pages of the images that advisories with the given names, or the given affected packages, affect. */
async function allPages(
  { matches }: Store,
  of: readonly string[] | readonly AffectedPackage[],
  limit: number,
): Promise<readonly string[]> {
  const areNames = (all: typeof of): all is readonly string[] => all.every((each) => typeof each === 'string');
  const found: string[] = [];
  for (let after: ImagePosition | undefined; ; ) {
    const page = { after, limit };
    const { images, next } = areNames(of)
      ? await matches.affectedImages(of, page)
      : await matches.imagesAffectedBy(of, page);
    expect(images.length).toBeLessThanOrEqual(limit);
    found.push(...images.map(({ digest }) => digest));
    if (next === undefined) return found;
    after = next;
  }
}

describe('one page of the images that a vulnerability affects', () => {
  let engine: Engine;
  let store: Store;
  beforeEach(async () => {
    engine = await openEngine({ type: 'memory' });
    store = storeOn(engine);
    await publish(store, [advisory('CVE-1', { package: 'a' })]);
  });
  afterEach(() => store.close());

  async function images(
    after?: ImagePosition,
  ): Promise<[references: readonly string[], next: ImagePosition | undefined]> {
    const { images: found, next } = await store.matches.affectedImages(['CVE-1'], { after, limit: 10 });
    return [found.map(({ reference }) => reference), next];
  }

  it('is complete, without a next page, when exactly `limit` images are left', async () => {
    const { id } = await knowLayer(store, 'base', [deb('a', '1')]);
    for (let at = 0; at < 10; at += 1) await record(store, at, id);
    expect((await images())[1]).toBeUndefined();
    await record(store, 10, id);
    const [first, next] = await images();
    expect([first.length, await images(next)]).toEqual([10, [['r:10'], undefined]]);
  });

  it('is short, with a next page, when a thousand images have removed the package', async () => {
    const base = await knowLayer(store, 'base', [deb('a', '1')]);
    const removal = { feature: deb('a', '1'), path: '', namespace: 'debian:12', originDepth: 1, change: -1 as const };
    const { id } = await store.layers.insert(newLayer('without', base, [removal]));
    for (let at = 0; at < 1300; at += 1) await record(store, at, id);
    await record(store, 1300, base.id);
    const [none, next] = await images();
    expect([none, await images(next)]).toEqual([[], [['r:1300'], undefined]]);
  });

  it('is short, with a next page, when fifty thousand layers are in no image', async () => {
    const first = await knowLayer(store, 'first', [deb('a', '1')]);
    await engine.transaction(async (queries) => {
      for (const statement of ANOTHER_60_000) await queries.run(statement, [first.id]);
    });
    const { id } = await knowLayer(store, 'last', [deb('a', '1')]);
    await record(store, 1, id);
    const [none, next] = await images();
    expect([none, await images(next)]).toEqual([[], [['r:1'], undefined]]);
  });
});

const NUMBERS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)';

/** More layers that introduce the same packages. */
const ANOTHER_60_000: readonly string[] = [
  `INSERT INTO layer (id, name, engine_version, digest, depth, content_sets, diagnostics, created_at)
    ${NUMBERS} SELECT 10 + n.i, 'layer-' || n.i, 1, layer.digest, 0, '[]', '[]', 0
    FROM layer CROSS JOIN n WHERE layer.id = ?`,
  `INSERT INTO layer_feature (layer, feature, path, change, origin_depth)
    ${NUMBERS} SELECT 10 + n.i, layer_feature.feature, '', 1, 0 FROM layer_feature CROSS JOIN n WHERE layer_feature.layer = ?`,
];
