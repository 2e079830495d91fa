import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { raiseRevision } from '../../src/database/queries/images/data-revision.ts';
import type { Engine, TransactionQueries } from '../../src/database/engines/engine.ts';
import { IMAGE_CHAINS, IMAGE_REFERENCES, IMAGES, imageValues } from '../../src/database/queries/images/image-store.ts';
import {
  LAYER_CHANGES,
  CONTENTS,
  contentsValues,
  LAYERS,
  layerValues,
} from '../../src/database/queries/layers/layer-store.ts';
import { ensureFeatures } from '../../src/database/queries/layers/feature-rows.ts';
import type { LocatedFeature } from '../../src/model/layer.ts';
import { type Feature } from '../../src/model/feature.ts';
import { BUILT_AT, type TreeLayer } from './layer-tree.ts';

const LAYERS_PER_BATCH = 2000;

/** The tables with a row or more for each layer. */
export const WRITTEN_TABLES: readonly string[] = [
  CONTENTS,
  LAYERS,
  LAYER_CHANGES,
  IMAGES,
  IMAGE_CHAINS,
  IMAGE_REFERENCES,
].map(({ table }) => table);

/** The number of layers that are made per turn of the event loop, so that the previous batch is sent meanwhile. */
const LAYERS_PER_TURN = 100;

/** Packs in the threads of libuv, with the same result as `packContents`. */
const pack = promisify(gzip);

/**
 * Writes the layers of a tree in batches, with the same result as `store.layers.insert` and `store.images.record`.
 * Looks up each package once. Makes the next batch while the database stores the previous batch.
 */
export async function writeLayers(
  engine: Pick<Engine, 'transaction'>,
  tree: Iterable<TreeLayer>,
  { perBatch = LAYERS_PER_BATCH, done = () => undefined }: WriteOptions = {},
): Promise<void> {
  const written: Written = { layers: [], parents: [], packages: new Map() };
  const rest = tree[Symbol.iterator]();
  for (let batch = await nextBatch(rest, perBatch); batch.length > 0; ) {
    const current = batch;
    for (const { parent } of current) written.parents.push(parent);
    const [{ layers, packages }, next] = await Promise.all([
      engine.transaction((queries) => writeBatch(queries, current, written)),
      nextBatch(rest, perBatch),
    ]);
    for (const id of layers) written.layers.push(id);
    for (const [of, id] of packages) written.packages.set(of, id);
    done(written.layers.length);
    batch = next;
  }
}

type WriteOptions = {
  readonly perBatch?: number;
  readonly done?: (count: number) => void;
};

type PackedLayer = TreeLayer & { readonly packed: Uint8Array };

type Written = {
  readonly layers: number[];
  /** The indexes of the parents of `layers`, which may be in the current batch. */
  readonly parents: (number | null)[];
  readonly packages: Map<Feature, number>;
};

async function writeBatch(
  queries: TransactionQueries,
  batch: readonly PackedLayer[],
  before: Written,
): Promise<Pick<Written, 'layers' | 'packages'>> {
  const unknown = newPackages(batch, before.packages);
  const packageIds = await ensureFeatures(queries, unknown);
  const packages = new Map(unknown.map(({ feature: of }, at) => [of, packageIds[at] ?? Number.NaN]));
  const packageId = (of: Feature): number => before.packages.get(of) ?? packages.get(of) ?? Number.NaN;
  const layers = await queries.newIds('layer', batch.length);
  const layerId = (place: number): number => before.layers[place] ?? layers[place - before.layers.length] ?? Number.NaN;
  const numbered = batch.map((each, at) => ({ ...each, id: layers[at] ?? Number.NaN }));

  await queries.insertMany(
    { ...CONTENTS, skipExisting: false },
    batch.map(({ layer, packed }) => contentsValues({ ...layer, contents: packed })),
  );
  await queries.insertMany(
    { table: LAYERS.table, columns: ['id', ...LAYERS.columns] },
    numbered.map(({ id, layer, parent, depth }) => {
      const place = { parent: parent === null ? null : layerId(parent), depth, at: BUILT_AT };
      return [id, ...layerValues(layer, place)];
    }),
  );
  await queries.insertMany(
    LAYER_CHANGES,
    numbered.flatMap(({ id, layer: { changes } }) =>
      changes.map(({ feature: of, path, change, originDepth }) => [id, packageId(of), path, change, originDepth]),
    ),
  );
  const leaves = numbered.flatMap(({ id, image, layer: { distribution } }, at) =>
    image === undefined
      ? []
      : [{ id, image, namespace: distribution?.namespace ?? null, place: before.layers.length + at }],
  );
  const images = await queries.newIds('image', leaves.length);
  await queries.insertMany(
    { table: IMAGES.table, columns: ['id', 'namespace', ...IMAGES.columns] },
    leaves.map(({ id, image, namespace }, at) => [
      images[at] ?? null,
      namespace,
      ...imageValues({ ...image, leaf: id }),
    ]),
  );
  await queries.insertMany(
    IMAGE_CHAINS,
    leaves.flatMap(({ place }, at) =>
      [...placesBelow(place, before.parents)].map((each) => [layerId(each), images[at] ?? null]),
    ),
  );
  await queries.insertMany(
    IMAGE_REFERENCES,
    leaves.map(({ image }, at) => [image.reference, image.platform, image.scannedAt, images[at] ?? null]),
  );
  if (leaves.length > 0) await raiseRevision(queries, 'images');
  return { layers, packages };
}

function* placesBelow(place: number, parents: Written['parents']): Generator<number> {
  for (let at: number | null = place; at !== null; at = parents[at] ?? null) yield at;
}

function newPackages(batch: readonly TreeLayer[], known: ReadonlyMap<Feature, number>): readonly LocatedFeature[] {
  const found = new Map<Feature, LocatedFeature>();
  for (const { layer } of batch) {
    for (const change of layer.changes) if (!known.has(change.feature)) found.set(change.feature, change);
  }
  return [...found.values()];
}

async function nextBatch(tree: Iterator<TreeLayer>, size: number): Promise<readonly PackedLayer[]> {
  const batch: Promise<PackedLayer>[] = [];
  // Most layers contain nothing, so their contents are packed once.
  const known = new Map<string, Promise<Uint8Array>>();
  for (let next = tree.next(); next.done !== true; next = tree.next()) {
    batch.push(packedLayer(next.value, known));
    if (batch.length === size) break;
    if (batch.length % LAYERS_PER_TURN === 0) await setImmediate();
  }
  return await Promise.all(batch);
}

async function packedLayer(layer: TreeLayer, known: Map<string, Promise<Uint8Array>>): Promise<PackedLayer> {
  const { contents } = layer;
  const packed = known.get(contents) ?? pack(contents);
  known.set(contents, packed);
  return { ...layer, packed: await packed };
}
