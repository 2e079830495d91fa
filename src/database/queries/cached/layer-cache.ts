import { LRUCache } from 'lru-cache';
import type { Queries } from '../../engines/engine.ts';
import { createTurns, type Turns } from '../../../threads/turns.ts';
import { itemAt } from '../layers/feature-rows.ts';
import type { LayerRow } from '../layers/stored-layers.ts';
import { type NamedLayer, type PlacedFeature, type ReadChain, readChain } from './chain-rows.ts';
import { type FeatureCache, locatedAt } from './feature-cache.ts';
import type { Installed } from './installed-rows.ts';

/**
 * The features of parent layers, by the id of the layer, for one state of the data of feeds. Many images are built on
 * the same layers, so most reports read only the rows of the layers above. A search for the files of a rule adds files
 * to stored layers, and raises the revision of this data when it finishes.
 */
export type LayerCache = { state: string; readonly layers: LRUCache<number, CachedLayer> };

type CachedLayer = {
  /** The text that tells the layer from another layer with the same id (`chainWithOrigin`). */
  readonly origin: string;
  readonly features: readonly PlacedFeature[];
};

/** The features installed at a layer, once for each path, with the layer and the layers below, base first. */
export type LocatedInstalled = Installed<PlacedFeature> & {
  readonly layers: readonly LayerRow[];
  /** The state of the enrichments in the same snapshot (`stateOfEnrichments`). */
  readonly enrichmentState: string;
  /** The state of the feeds in the same snapshot (`FEEDS_STATE`). */
  readonly feedsState: string;
};

/** The maximum number of layers; each statement sends their ids to the server. */
const MAX_LAYERS = 256;

/** Creates an empty cache. @param maxBytes the maximum of the estimated size */
export function createLayerCache(maxBytes: number): LayerCache {
  return { state: '', layers: new LRUCache({ max: MAX_LAYERS, maxSize: maxBytes }) };
}

/**
 * Reads the features installed at a layer, once for each path, on PostgreSQL. Reads only the layers above the topmost
 * layer in the cache, and adds the parent layers to the cache. Other work of the thread can run between layers.
 */
export async function readLocatedRows(
  read: Queries,
  cache: LayerCache,
  features: FeatureCache,
  layer: number,
): Promise<LocatedInstalled> {
  const chain = await readChain(read, features, layer, [...cache.layers.keys()]);
  return await completeRows(read, cache, features, { layer, chain });
}

/** Reads the same as {@link readLocatedRows} for a layer with a name; undefined if no layer fits. */
export async function findLocatedRows(
  read: Queries,
  cache: LayerCache,
  features: FeatureCache,
  named: NamedLayer,
): Promise<LocatedInstalled | undefined> {
  const chain = await readChain(read, features, named, [...cache.layers.keys()]);
  const layer = chain.layers.at(-1)?.id;
  return layer === undefined ? undefined : await completeRows(read, cache, features, { layer, chain });
}

async function completeRows(
  read: Queries,
  cache: LayerCache,
  features: FeatureCache,
  { layer, chain }: { readonly layer: number; readonly chain: ReadChain },
): Promise<LocatedInstalled> {
  const turns = createTurns();
  const known = topmostKnown(cache, chain);
  if (known !== undefined) return await installedAt(cache, chain, known, turns);
  // The cached layer cannot be used: the data has changed, or the layer was replaced or removed from the cache.
  return await installedAt(cache, await readChain(read, features, layer, []), NOTHING, turns);
}

const NOTHING: CachedLayer = { origin: '', features: [] };

/** Returns the topmost known layer; undefined if the cache does not contain the layer that the server knows. */
function topmostKnown(cache: LayerCache, { state, layers, knownDepth }: ReadChain): CachedLayer | undefined {
  if (knownDepth === -1) return NOTHING;
  if (state !== cache.state) return undefined;
  const layer = layers.find(({ depth }) => depth === knownDepth);
  const cached = layer && cache.layers.get(layer.id);
  if (cached?.origin === layer?.origin) return cached;
  if (layer !== undefined) cache.layers.delete(layer.id);
  return undefined;
}

async function installedAt(
  cache: LayerCache,
  { state, enrichmentState, feedsState, products, layers, knownDepth, changes }: ReadChain,
  known: CachedLayer,
  turns: Turns,
): Promise<LocatedInstalled> {
  if (cache.state !== state) {
    cache.layers.clear();
    cache.state = state;
  }
  let { features } = known;
  let next = 0;
  for (const [at, { id, depth, origin }] of layers.entries()) {
    if (depth <= knownDepth) continue;
    const start = next;
    while (changes[next]?.depth === depth) next += 1;
    // A layer without changes has the features of its parent.
    if (next === start) continue;
    const own = changes.slice(start, next);
    features = withChanges(features, own);
    const isParent = at < layers.length - 1;
    if (isParent && cache.state === state) cache.layers.set(id, { origin, features }, { size: bytesOf(features, own) });
    if (turns.areDue()) await turns.take();
  }
  // Layers share the features of the layers below, so a layer must leave the cache before the layers below.
  for (const { id } of layers.toReversed()) cache.layers.get(id);
  const rows = features.filter(({ count }) => count > 0);
  return { state, enrichmentState, feedsState, products, rows, layers, engine: 'postgres' };
}

/** Returns the features with the changes of the next layer. Both lists are in the order {@link placedOrder}. */
function withChanges(features: readonly PlacedFeature[], changes: readonly PlacedFeature[]): readonly PlacedFeature[] {
  const all: PlacedFeature[] = [];
  let next = 0;
  for (const change of changes) {
    for (let before = features[next]; before !== undefined; before = features[next]) {
      if (placedOrder(before, change) > 0) break;
      all.push(before);
      next += 1;
    }
    const last = all.at(-1);
    if (last === undefined || placedOrder(last, change) !== 0) all.push(change);
    else all[all.length - 1] = sumOf(last, change);
  }
  for (; next < features.length; next += 1) all.push(itemAt(features, next));
  return all;
}

function sumOf(one: PlacedFeature, other: PlacedFeature): PlacedFeature {
  const originDepth = Math.max(one.originDepth, other.originDepth);
  const { located } = one;
  return {
    ...one,
    count: one.count + other.count,
    originDepth,
    mayMatch: one.mayMatch === true || other.mayMatch === true,
    located: locatedAt(located, located.path, originDepth),
  };
}

/** The approximate sizes of an item of a list, and of a change without texts. */
const ITEM_BYTES = 8;
const CHANGE_BYTES = 350;

/** Returns the approximate size of a layer without the features of the layers below. */
function bytesOf(features: readonly PlacedFeature[], own: readonly PlacedFeature[]): number {
  let bytes = features.length * ITEM_BYTES;
  for (const { located, details } of own) {
    const { feature, path } = located;
    // A text with characters outside Latin-1 takes two bytes for each character.
    bytes += CHANGE_BYTES + 2 * (feature.name.length + feature.version.length + details.length + path.length);
  }
  return bytes;
}

/** The order `FEATURE_ORDER`, then by path. */
function placedOrder(one: PlacedFeature, other: PlacedFeature): number {
  const [of, ofOther] = [one.located.feature, other.located.feature];
  if (one.id === other.id) return byteOrder(one.located.path, other.located.path);
  return (
    byteOrder(of.name, ofOther.name) ||
    byteOrder(one.arch, other.arch) ||
    byteOrder(of.version, ofOther.version) ||
    byteOrder(one.details, other.details) ||
    one.id - other.id
  );
}

/** Compares texts by their bytes in UTF-8, as the database does. */
function byteOrder(one: string, other: string): number {
  const end = Math.min(one.length, other.length);
  for (let at = 0; at < end; at += 1) {
    const difference = one.charCodeAt(at) - other.charCodeAt(at);
    if (difference !== 0) return rankOf(one.charCodeAt(at)) - rankOf(other.charCodeAt(at));
  }
  return one.length - other.length;
}

/** Returns a number that puts surrogates, which are parts of characters above U+FFFF, after all other code units. */
function rankOf(codeUnit: number): number {
  return codeUnit >= FIRST_SURROGATE && codeUnit <= LAST_SURROGATE ? codeUnit + AFTER_ALL : codeUnit;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const AFTER_ALL = 0x10000;
