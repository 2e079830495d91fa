import { describe, expect, it } from 'vitest';
import { type DatabaseOptions, openEngine, openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import type { Layer } from '../../src/model/layer.ts';
import { digestOfDatabase } from '../../src/database/testing/database-digest.ts';
import { deb } from '../../src/database/testing/packages.ts';
import { ENGINES } from '../../src/database/testing/stores.ts';
import { writeLayers } from './layer-rows.ts';
import { type Base, layerTree, type TreeLayer } from './layer-tree.ts';
import type { IndexedPackage } from './packages-index.ts';
import { releasePackages } from './release-packages.ts';

const LAYERS = 120;

/** A small batch, so that layers refer to packages and parents of earlier batches. */
const PER_BATCH = 9;

const INDEX = Array.from({ length: 80 }, (_, at): IndexedPackage => {
  const { name, version, arch, source } = deb(`package-${at}`, `1.${at}-1`, { name: `source-${at >> 1}` });
  const depends = at === 0 ? [] : [`package-${at >> 1}`, `package-${Math.floor(at / 3)}`];
  return { name, version, arch, source, depends };
});

const FACTS = Array.from({ length: 12 }, (_, at) => ({
  id: `CVE-${at}`,
  link: '',
  description: '',
  fixes: new Map([[`source-${at * 3}`, new Map([['debian:12', `1.${at * 6}-1+deb12u1`]])]]),
}));

function tree(): readonly TreeLayer[] {
  const release = releasePackages('debian:12', { index: INDEX, facts: FACTS, known: [], isIndexed: true });
  const distribution = { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian 12' };
  const names = INDEX.slice(0, 5).map(({ name }) => name);
  const bases = [0, 0.5, 1].map((day): Base => ({ distribution, release, names, day }));
  return [...layerTree(bases, LAYERS)];
}

describe.each(ENGINES.filter(([name]) => name !== 'memory'))('layers written in batches (%s)', (_, options) => {
  it('equal layers inserted one by one', async () => {
    const [many, single] = [options(), options()];
    const engine = await openEngine(many);
    await writeLayers(engine, tree(), { perBatch: PER_BATCH });
    await engine.close();
    await insertOneByOne(single);
    expect(await layersOf(many)).toEqual(await layersOf(single));
    expect(digestOf(many)).toBe(digestOf(single));
  });
});

describe('layerTree', () => {
  it('returns the requested number of layers, which add, replace, remove or keep packages', () => {
    const layers = tree();
    expect(layers).toHaveLength(LAYERS);
    const kinds = layers.map(({ layer }) => new Set(layer.changes.map(({ change }) => change)));
    expect(kinds.some((kind) => kind.size === 0)).toBe(true);
    expect(kinds.some((kind) => kind.has(1) && kind.has(-1))).toBe(true);
    expect(kinds.some((kind) => kind.has(-1) && !kind.has(1))).toBe(true);
  });
});

async function insertOneByOne(options: DatabaseOptions): Promise<void> {
  const store = await openStore(options);
  const layers: Layer[] = [];
  for (const { layer, parent, image } of tree()) {
    const inserted = await store.layers.insert({ ...layer, parent: parent === null ? null : layers[parent]! });
    layers.push(inserted);
    if (image !== undefined) await store.images.record({ ...image, leaf: inserted.id });
  }
  await store.close();
}

/** Returns the digest of all rows of all tables; undefined for a database server. */
function digestOf(options: DatabaseOptions): string | undefined {
  // Times and revisions differ: each transaction increments the revision.
  const ignored = ['layer.created_at', 'schema_migration.applied_at', 'flag.value'];
  return options.type === 'sqlite' ? digestOfDatabase(options.path, ignored) : undefined;
}

async function layersOf(options: DatabaseOptions): Promise<readonly object[]> {
  const store: Store = await openStore(options);
  const found: object[] = [];
  for (const { layer, image } of tree()) {
    const known = (await store.layers.find(layer.name))!;
    const chain = (await store.layers.chain(known.id)).map(({ name, depth }) => `${depth} ${name}`);
    const contents = await store.layers.contents(known.digest, known.engineVersion);
    const changes = await store.layers.changes(known.id);
    const packages = await store.layers.features(known.id);
    const digest = image && (await store.images.find(image.digest))?.reference;
    found.push({ ...known, id: 0, parent: null, chain, contents, changes, packages, digest });
  }
  await store.close();
  return found;
}
