import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatabaseOptions, openEngine, openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import type { Layer } from '../../src/model/layer.ts';
import { digestOfDatabase } from '../../src/database/testing/database-digest.ts';
import { deb } from '../../src/database/testing/packages.ts';
import { ENGINES, migratedPostgresSource } from '../../src/database/testing/stores.ts';
import { loadWithoutIndexes } from './bulk-load.ts';
import { writeLayers, WRITTEN_TABLES } from './layer-rows.ts';
import { type Base, layerTree, type TreeLayer } from './layer-tree.ts';
import { multiplyLayers, nameOfCopy } from './multiplied-layers.ts';
import type { IndexedPackage } from './packages-index.ts';
import { releasePackages } from './release-packages.ts';

const LAYERS = 120;

/** A small batch, so that layers refer to packages and parents of earlier batches. */
const PER_BATCH = 9;

/** The layers are multiplied by 3, on the same first two bases. */
const [SHARED, TIMES] = [2, 3];

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

describe('layers multiplied on PostgreSQL', () => {
  const source = migratedPostgresSource();
  let schema: readonly unknown[] = [];
  let store: Store;
  beforeAll(async () => {
    const client = new pg.Client({ connectionString: source });
    await client.connect();
    await client.query(`SET search_path TO ${new URL(source).searchParams.get('search_path')}`);
    const engine = await openEngine({ type: 'postgres', source });
    schema = await schemaOf(client);
    await loadWithoutIndexes(client, WRITTEN_TABLES, () => writeLayers(engine, tree(), { perBatch: PER_BATCH }));
    await loadWithoutIndexes(client, WRITTEN_TABLES, () => multiplyLayers(client, { shared: SHARED, times: TIMES }));
    schema = [schema, await schemaOf(client)];
    await engine.close();
    await client.end();
    store = await openStore({ type: 'postgres', source });
  });
  afterAll(() => store.close());

  it('have the same keys, indexes and foreign keys as before', () => {
    const [before, after] = schema;
    expect(before).toContainEqual(expect.stringContaining('layer_feature_by_feature'));
    expect(after).toEqual(before);
  });
  it('are as many as asked', async () => {
    const rows = new Map((await store.sizes.tables()).map((of) => [of.table, of.rows]));
    const images = tree().filter(({ image }) => image !== undefined).length;
    expect(rows.get('layer')).toBe(TIMES * LAYERS);
    expect(rows.get('layer_contents')).toBe(LAYERS);
    expect(rows.get('image')).toBe(TIMES * images);
    expect(rows.get('image_reference')).toBe(TIMES * images);
  });
  it('have the digests and packages of their originals, on copies of all bases but the shared bases', async () => {
    const layers = tree();
    const shared = new Set(layers.slice(0, SHARED).map(({ layer }) => layer.name));
    for (const { layer } of layers) {
      const original = (await store.layers.find(layer.name))!;
      const copy = (await store.layers.find(nameOfCopy(layer.name, 2)))!;
      const chain = (await store.layers.chain(original.id)).map(({ name }) => name);
      expect((await store.layers.chain(copy.id)).map(({ name }) => name)).toEqual(
        chain.map((name) => (shared.has(name) && name !== layer.name ? name : nameOfCopy(name, 2))),
      );
      expect(await store.layers.features(copy.id)).toEqual(await store.layers.features(original.id));
      expect(await store.layers.changes(copy.id)).toEqual(await store.layers.changes(original.id));
      expect(copy.digest).toBe(original.digest);
    }
  });
  it('have images on all layers of their chains', async () => {
    const { image, layer } = tree().find((each) => each.image !== undefined)!;
    const copy = await store.images.find(nameOfCopy(image!.digest, 1));
    const leaf = (await store.layers.find(nameOfCopy(layer.name, 1)))!;
    expect(copy).toMatchObject({ leaf: leaf.id, reference: image!.reference.replace(/@.*/, `-1@${copy!.digest}`) });
    const engine = await openEngine({ type: 'postgres', source });
    const chained = await engine.read.all<{ layer: number }>(
      'SELECT layer FROM image_chain CROSS JOIN image WHERE image.digest = ? AND image_chain.image = image.id ORDER BY layer',
      [copy!.digest],
    );
    await engine.close();
    const chain = (await store.layers.chain(leaf.id)).map(({ id }) => id);
    expect(chained.map((each) => each.layer)).toEqual(chain);
  });
  it('leave room for the ids of new layers', async () => {
    const added = await store.layers.insert({
      ...tree()[0]!.layer,
      contents: Buffer.from(''),
      name: 'new',
      parent: null,
    });
    expect(added.id).toBe(TIMES * LAYERS + 1);
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

/** Returns the definitions of all keys, indexes and foreign keys. */
async function schemaOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ definition: string }>(
    `
SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relname = ANY ($1))
UNION ALL
SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('p', 'u', 'f')
ORDER BY definition`,
    [WRITTEN_TABLES],
  );
  return rows.map(({ definition }) => definition);
}

async function insertOneByOne(options: DatabaseOptions): Promise<void> {
  const store = await openStore(options);
  const layers: Layer[] = [];
  for (const { layer, contents: text, parent, image } of tree()) {
    const contents = gzipSync(text);
    const inserted = await store.layers.insert({
      ...layer,
      contents,
      parent: parent === null ? null : layers[parent]!,
    });
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
