import { LRUCache } from 'lru-cache';
import type { Queries } from '../../engines/engine.ts';
import { createTurns, type Turns } from '../../../threads/turns.ts';
import { DATA_STATE } from '../images/data-revision.ts';
import { FEATURE_ORDER, itemAt } from '../layers/feature-rows.ts';
import { PRODUCTS } from '../matches/products.ts';
import { identityText, type Installed, type LocatedRow, productList, productsOf } from './installed-rows.ts';

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
  /** The approximate size. */
  readonly bytes: number;
};

/** A feature at a path that the layers up to some layer add or remove, with the columns that determine the order. */
type PlacedFeature = LocatedRow & {
  readonly name: string;
  readonly arch: string;
  readonly version: string;
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
export async function readLocatedRows(read: Queries, cache: LayerCache, layer: number): Promise<Installed<LocatedRow>> {
  const turns = createTurns();
  const chain = await readChain(read, layer, [...cache.layers.keys()]);
  const known = topmostKnown(cache, chain);
  if (known !== undefined) return await installedAt(cache, chain, known, turns);
  // The cached layer cannot be used: the data has changed, or the layer was replaced or removed from the cache.
  return await installedAt(cache, await readChain(read, layer, []), NOTHING, turns);
}

const NOTHING: CachedLayer = { origin: '', features: [], bytes: 0 };

/** A layer and its ancestors, base first, with the changes of the layers above the topmost known layer. */
type ReadChain = {
  readonly state: string;
  readonly products: Installed['products'];
  readonly layers: readonly (readonly [id: number, depth: number, origin: string])[];
  /** The depth of the topmost known layer; -1 if no layer is known. */
  readonly knownDepth: number;
  /** In the order of the layers, then in the order {@link placedOrder}. */
  readonly changes: readonly (PlacedFeature & { readonly depth: number })[];
};

/** Returns the topmost known layer; undefined if the cache does not contain the layer that the server knows. */
function topmostKnown(cache: LayerCache, { state, layers, knownDepth }: ReadChain): CachedLayer | undefined {
  if (knownDepth === -1) return NOTHING;
  if (state !== cache.state) return undefined;
  const [id = 0, , origin] = layers.find(([, depth]) => depth === knownDepth) ?? [];
  const cached = cache.layers.get(id);
  if (cached?.origin === origin) return cached;
  cache.layers.delete(id);
  return undefined;
}

async function installedAt(
  cache: LayerCache,
  { state, products, layers, knownDepth, changes }: ReadChain,
  known: CachedLayer,
  turns: Turns,
): Promise<Installed<LocatedRow>> {
  if (cache.state !== state) {
    cache.layers.clear();
    cache.state = state;
  }
  let { features, bytes } = known;
  let next = 0;
  for (const [at, [id, depth, origin]] of layers.entries()) {
    if (depth <= knownDepth) continue;
    const start = next;
    while (changes[next]?.depth === depth) next += 1;
    // A layer without changes has the features of its parent.
    if (next === start) continue;
    const own = changes.slice(start, next);
    features = withChanges(features, own);
    bytes += own.reduce((sum, each) => sum + bytesOf(each), 0);
    const isParent = at < layers.length - 1;
    if (isParent && cache.state === state) cache.layers.set(id, { origin, features, bytes }, { size: bytes });
    if (turns.areDue()) await turns.take();
  }
  return { state, products, rows: features.filter(({ count }) => count > 0), engine: 'postgres' };
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
  return { ...one, count: one.count + other.count, originDepth: Math.max(one.originDepth, other.originDepth) };
}

/** The approximate size of a feature without texts. */
const FEATURE_BYTES = 250;

function bytesOf({ name, version, details, path }: PlacedFeature): number {
  // A text with characters outside Latin-1 takes two bytes for each character.
  return FEATURE_BYTES + 2 * (name.length + version.length + details.length + path.length);
}

/** The order `FEATURE_ORDER`, then by path. */
function placedOrder(one: PlacedFeature, other: PlacedFeature): number {
  if (one.id === other.id) return byteOrder(one.path, other.path);
  return (
    byteOrder(one.name, other.name) ||
    byteOrder(one.arch, other.arch) ||
    byteOrder(one.version, other.version) ||
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

async function readChain(read: Queries, layer: number, known: readonly number[]): Promise<ReadChain> {
  const lists = await read.get<ChainLists>(SELECT_ABOVE, [layer, `{${known.join(',')}}`]);
  const turns = createTurns();
  const parsed = async <Item>(list: string | null | undefined): Promise<readonly Item[]> => {
    if (turns.areDue()) await turns.take();
    return JSON.parse(list ?? '[]');
  };
  const layers = await parsed<ReadChain['layers'][number]>(lists?.layers);
  const products = productsOf(await parsed(lists?.products));
  const values = {
    id: await parsed<number>(lists?.ids),
    depth: await parsed<number>(lists?.depths),
    path: await parsed<string>(lists?.paths),
    change: await parsed<1 | -1>(lists?.changes),
    originDepth: await parsed<number>(lists?.origins),
    name: await parsed<string>(lists?.names),
    arch: await parsed<string>(lists?.archs),
    version: await parsed<string>(lists?.versions),
    details: await parsed<string>(lists?.details),
  };
  const identities = lists?.identities ?? Buffer.alloc(0);
  const length = identities.length / values.id.length;
  const changes: ReadChain['changes'][number][] = [];
  for (const [at, id] of values.id.entries()) {
    const count = itemAt(values.change, at);
    changes.push({
      id,
      identity: identityText(identities.subarray(at * length, (at + 1) * length)),
      path: itemAt(values.path, at),
      originDepth: count === 1 ? itemAt(values.originDepth, at) : NEVER_ADDED,
      name: itemAt(values.name, at),
      arch: itemAt(values.arch, at),
      version: itemAt(values.version, at),
      details: itemAt(values.details, at),
      count,
      depth: itemAt(values.depth, at),
    });
    if (at % ROWS_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  const byDepth = layers.toSorted(([, one], [, other]) => one - other);
  return { state: lists?.state ?? '', products, layers: byDepth, knownDepth: lists?.below ?? -1, changes };
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
    | 'names'
    | 'archs'
    | 'versions'
    | 'details'
    | 'layers'
    | 'products',
    string | null
  >
> & { readonly identities: Buffer | null; readonly below: number | null; readonly state: string };

/**
 * A layer and its ancestors. The time of creation and the name tell a layer from another layer that received the same
 * id after a standby without the last changes replaced the server. Parameter: the id of the layer.
 */
const CHAIN_WITH_ORIGIN = `chain (id, parent, depth, content_sets, origin) AS (
  SELECT id, parent, depth, content_sets, created_at || ' ' || name FROM layer WHERE id = ?
  UNION ALL
  SELECT layer.id, layer.parent, layer.depth, layer.content_sets, layer.created_at || ' ' || layer.name
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
  CAST(json_group_array(name) AS TEXT) AS names,
  CAST(json_group_array(arch) AS TEXT) AS archs,
  CAST(json_group_array(version) AS TEXT) AS versions,
  CAST(json_group_array(details) AS TEXT) AS details,
  (SELECT CAST(json_group_array(json_array(id, depth, origin)) AS TEXT) FROM chain) AS layers,
  (SELECT depth FROM below) AS below,
  ${productList("SELECT 1 FROM chain WHERE content_sets <> '[]'")} AS products,
  ${DATA_STATE} AS state
FROM (
  SELECT
    difference.depth, difference.path, difference.change, difference.origin_depth,
    feature.id, feature.identity, feature.name, COALESCE(feature.arch, '') AS arch, feature.version, feature.details
  FROM difference CROSS JOIN feature
  WHERE feature.id = difference.feature
  ORDER BY difference.depth, ${FEATURE_ORDER}, difference.path
) AS changed`;
