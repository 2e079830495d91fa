import { LRUCache } from 'lru-cache';
import type { LocatedFeature } from '../../../model/layer.ts';
import type { Queries } from '../../engines/engine.ts';
import { createTurns, type Turns } from '../../../threads/turns.ts';
import { DATA_STATE } from '../images/data-revision.ts';
import { FEATURE_COLUMNS, FEATURE_ORDER, itemAt } from '../layers/feature-rows.ts';
import { LAYER_COLUMNS, type LayerRow } from '../layers/stored-layers.ts';
import { PRODUCTS } from '../matches/products.ts';
import { EPSS_STATE, stateOfEnrichments } from './enrichment-cache.ts';
import { type FeatureCache, locatedAt, sharedFeature } from './feature-cache.ts';
import { identityText, type Installed, type InstalledRow, productList, productsOf } from './installed-rows.ts';

/**
 * The features of parent layers, by the id of the layer, for one state of the data of feeds. Many images are built on
 * the same layers, so most reports read only the rows of the layers above. A search for the files of a rule adds files
 * to stored layers, and raises the revision of this data when it finishes.
 */
export type LayerCache = { state: string; readonly layers: LRUCache<number, CachedLayer> };

type CachedLayer = {
  /** The text that tells the layer from another layer with the same id ({@link CHAIN_WITH_ORIGIN}). */
  readonly origin: string;
  readonly features: readonly PlacedFeature[];
};

/** The features installed at a layer, once for each path, with the layer and the layers below, base first. */
export type LocatedInstalled = Installed<PlacedFeature> & {
  readonly layers: readonly LayerRow[];
  /** The state of the enrichments in the same snapshot (`stateOfEnrichments`). */
  readonly enrichmentState: string;
};

/** A feature at a path that the layers up to some layer add or remove. */
type PlacedFeature = InstalledRow & {
  readonly located: LocatedFeature;
  /** The columns that determine the order, together with the name and the version. */
  readonly arch: string;
  readonly details: string;
  /** The number of additions, less the number of removals. The feature is installed if this number is above 0. */
  readonly count: number;
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
  const turns = createTurns();
  const chain = await readChain(read, features, layer, [...cache.layers.keys()]);
  const known = topmostKnown(cache, chain);
  if (known !== undefined) return await installedAt(cache, chain, known, turns);
  // The cached layer cannot be used: the data has changed, or the layer was replaced or removed from the cache.
  return await installedAt(cache, await readChain(read, features, layer, []), NOTHING, turns);
}

const NOTHING: CachedLayer = { origin: '', features: [] };

/** A layer and its ancestors, base first, with the changes of the layers above the topmost known layer. */
type ReadChain = {
  readonly state: string;
  readonly enrichmentState: string;
  readonly products: Installed['products'];
  readonly layers: readonly (LayerRow & { readonly origin: string })[];
  /** The depth of the topmost known layer; -1 if no layer is known. */
  readonly knownDepth: number;
  /** In the order of the layers, then in the order {@link placedOrder}. */
  readonly changes: readonly (PlacedFeature & { readonly depth: number })[];
};

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
  { state, enrichmentState, products, layers, knownDepth, changes }: ReadChain,
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
  return { state, enrichmentState, products, rows, layers, engine: 'postgres' };
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

async function readChain(
  read: Queries,
  features: FeatureCache,
  layer: number,
  known: readonly number[],
): Promise<ReadChain> {
  const lists = await read.get<ChainLists>(SELECT_ABOVE, [layer, `{${known.join(',')}}`]);
  const turns = createTurns();
  const parsed = async <Item>(list: string | null | undefined): Promise<readonly Item[]> => {
    if (turns.areDue()) await turns.take();
    return JSON.parse(list ?? '[]');
  };
  const layers = (await parsed<LayerItem>(lists?.layers)).map(layerOfItem);
  const products = productsOf(await parsed(lists?.products));
  const values = {
    id: await parsed<number>(lists?.ids),
    depth: await parsed<number>(lists?.depths),
    path: await parsed<string>(lists?.paths),
    change: await parsed<1 | -1>(lists?.changes),
    originDepth: await parsed<number>(lists?.origins),
    type: await parsed<string>(lists?.types),
    name: await parsed<string>(lists?.names),
    arch: await parsed<string | null>(lists?.archs),
    version: await parsed<string>(lists?.versions),
    details: await parsed<string>(lists?.details),
    namespace: await parsed<string>(lists?.namespaces),
    judgedBy: await parsed<string>(lists?.judges),
  };
  const identities = lists?.identities ?? Buffer.alloc(0);
  const length = identities.length / values.id.length;
  const changes: ReadChain['changes'][number][] = [];
  for (const [at, id] of values.id.entries()) {
    const count = itemAt(values.change, at);
    const originDepth = count === 1 ? itemAt(values.originDepth, at) : NEVER_ADDED;
    const identity = identityText(identities.subarray(at * length, (at + 1) * length));
    const arch = itemAt(values.arch, at);
    const details = itemAt(values.details, at);
    const feature = sharedFeature(features, identity, {
      type: itemAt(values.type, at),
      name: itemAt(values.name, at),
      version: itemAt(values.version, at),
      arch,
      details,
      namespace: itemAt(values.namespace, at),
      judgedBy: itemAt(values.judgedBy, at),
    });
    const located = locatedAt(feature, itemAt(values.path, at), originDepth);
    const depth = itemAt(values.depth, at);
    changes.push({ id, identity, originDepth, located, arch: arch ?? '', details, count, depth });
    if (at % ROWS_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  const byDepth = layers.toSorted((one, other) => one.depth - other.depth);
  const { state = '', epss = '', below } = lists ?? {};
  return {
    state,
    enrichmentState: stateOfEnrichments(state, epss),
    products,
    layers: byDepth,
    knownDepth: below ?? -1,
    changes,
  };
}

/** The values of the {@link LAYER_COLUMNS}, in this order, then the origin. */
type LayerItem = readonly [
  LayerRow['id'],
  LayerRow['name'],
  LayerRow['engine_version'],
  LayerRow['digest'],
  LayerRow['parent'],
  LayerRow['depth'],
  LayerRow['distribution'],
  LayerRow['content_sets'],
  LayerRow['diagnostics'],
  string,
];

function layerOfItem(item: LayerItem): ReadChain['layers'][number] {
  const [id, name, engine_version, digest, parent, depth, distribution, content_sets, diagnostics, origin] = item;
  return { id, name, engine_version, digest, parent, depth, distribution, content_sets, diagnostics, origin };
}

/** The number of rows between two reads of the clock. */
const ROWS_PER_CHECK = 500;

/** The depth of a feature that no layer has added; below all depths. */
const NEVER_ADDED = -1;

/** Lists of the values of each column of the changes, in the same order; NULL without changes. */
type ChainLists = Readonly<
  Record<
    | 'ids'
    | 'depths'
    | 'paths'
    | 'changes'
    | 'origins'
    | 'types'
    | 'names'
    | 'archs'
    | 'versions'
    | 'details'
    | 'namespaces'
    | 'judges'
    | 'layers'
    | 'products',
    string | null
  >
> & {
  readonly identities: Buffer | null;
  readonly below: number | null;
  readonly state: string;
  readonly epss: string;
};

/**
 * A layer and its ancestors. The time of creation and the name tell a layer from another layer that received the same
 * id after a standby without the last changes replaced the server. Parameter: the id of the layer.
 */
const CHAIN_WITH_ORIGIN = `chain (${LAYER_COLUMNS.join(', ')}, origin) AS (
  SELECT ${LAYER_COLUMNS.join(', ')}, created_at || ' ' || name FROM layer WHERE id = ?
  UNION ALL
  SELECT ${LAYER_COLUMNS.map((column) => `layer.${column}`).join(', ')}, layer.created_at || ' ' || layer.name
  FROM chain CROSS JOIN layer
  WHERE layer.id = chain.parent
)`;

/**
 * The changes of the layers above the topmost known layer, in the form of {@link ChainLists}. Parameters: the id of the
 * layer, and the ids of the known layers as an array.
 */
const SELECT_ABOVE = `
WITH RECURSIVE ${CHAIN_WITH_ORIGIN},
below (depth) AS MATERIALIZED (
  SELECT MAX(depth) FROM chain WHERE id = ANY (CAST(? AS BIGINT[]))
),
difference AS (
  SELECT chain.depth, layer_feature.feature, layer_feature.path, layer_feature.change, layer_feature.origin_depth
  FROM chain CROSS JOIN layer_feature
  WHERE chain.depth > COALESCE((SELECT depth FROM below), -1) AND layer_feature.layer = chain.id
),
${PRODUCTS}
SELECT
  string_agg(identity, ''::bytea) AS identities,
  CAST(json_group_array(id) AS TEXT) AS ids,
  CAST(json_group_array(depth) AS TEXT) AS depths,
  CAST(json_group_array(path) AS TEXT) AS paths,
  CAST(json_group_array(change) AS TEXT) AS changes,
  CAST(json_group_array(origin_depth) AS TEXT) AS origins,
  CAST(json_group_array(type) AS TEXT) AS types,
  CAST(json_group_array(name) AS TEXT) AS names,
  CAST(json_group_array(arch) AS TEXT) AS archs,
  CAST(json_group_array(version) AS TEXT) AS versions,
  CAST(json_group_array(details) AS TEXT) AS details,
  CAST(json_group_array(namespace) AS TEXT) AS namespaces,
  CAST(json_group_array(judged_by) AS TEXT) AS judges,
  (SELECT CAST(json_group_array(json_array(${LAYER_COLUMNS.join(', ')}, origin)) AS TEXT) FROM chain) AS layers,
  (SELECT depth FROM below) AS below,
  ${productList("SELECT 1 FROM chain WHERE content_sets <> '[]'")} AS products,
  ${DATA_STATE} AS state,
  ${EPSS_STATE} AS epss
FROM (
  SELECT
    difference.depth, difference.path, difference.change, difference.origin_depth, feature.id, feature.identity,
    ${FEATURE_COLUMNS}, feature.judged_by, namespace.name AS namespace
  FROM difference
    CROSS JOIN feature
    CROSS JOIN line
    CROSS JOIN namespace
  WHERE feature.id = difference.feature AND line.id = feature.line AND namespace.id = line.namespace
  ORDER BY difference.depth, ${FEATURE_ORDER}, difference.path
) AS changed`;
