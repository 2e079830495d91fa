import type { LocatedFeature } from '../../../model/layer.ts';
import type { EngineVersion } from '../../../model/engine/engine-version.ts';
import type { Queries } from '../../engines/engine.ts';
import { createTurns } from '../../../threads/turns.ts';
import { DATA_STATE } from '../images/data-revision.ts';
import { FEATURE_COLUMNS, FEATURE_ORDER, itemAt } from '../layers/feature-rows.ts';
import { LAYER_COLUMNS, type LayerRow } from '../layers/stored-layers.ts';
import { ruleSql } from '../matches/matching-rules.ts';
import { PRODUCTS } from '../matches/products.ts';
import { EPSS_STATE, stateOfEnrichments } from './enrichment-cache.ts';
import { type FeatureCache, locatedAt, sharedFeature } from './feature-cache.ts';
import { FEEDS_STATE } from './feed-cache.ts';
import { identityText, type Installed, type InstalledRow, productList, productsOf } from './installed-rows.ts';

/** A feature at a path that the layers up to some layer add or remove. */
export type PlacedFeature = InstalledRow & {
  readonly located: LocatedFeature;
  /** The columns that determine the order, together with the name and the version. */
  readonly arch: string;
  readonly details: string;
  /** The number of additions, less the number of removals. The feature is installed if this number is above 0. */
  readonly count: number;
};

/** A layer and its ancestors, base first, with the changes of the layers above the topmost known layer. */
export type ReadChain = {
  readonly state: string;
  readonly enrichmentState: string;
  readonly feedsState: string;
  readonly products: Installed['products'];
  readonly layers: readonly (LayerRow & { readonly origin: string })[];
  /** The depth of the topmost known layer; -1 if no layer is known. */
  readonly knownDepth: number;
  /** In the order of the layers, then in the order {@link placedOrder}. */
  readonly changes: readonly (PlacedFeature & { readonly depth: number })[];
};

/** The name of a layer, and the inclusive range of its engine versions; the newest of these versions is read. */
export type NamedLayer = { readonly name: string; readonly versions: readonly [EngineVersion, EngineVersion] };

/**
 * Reads a layer and its ancestors. Returns no layers if the layer does not exist. Other work of the thread can run
 * between parts of the result.
 *
 * @param known the ids of the layers whose features are known
 */
export async function readChain(
  read: Queries,
  features: FeatureCache,
  layer: number | NamedLayer,
  known: readonly number[],
): Promise<ReadChain> {
  const ids = `{${known.join(',')}}`;
  const lists =
    typeof layer === 'number'
      ? await read.get<ChainLists>(SELECT_ABOVE, [layer, ids])
      : await read.get<ChainLists>(SELECT_NAMED_ABOVE, [layer.name, ...layer.versions, ids]);
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
  const matchable = lists?.matchable ?? '';
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
    const mayMatch = matchable[at] === MAY_MATCH;
    changes.push({ id, identity, originDepth, located, arch: arch ?? '', details, count, depth, mayMatch });
    if (at % ROWS_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  const byDepth = layers.toSorted((one, other) => one.depth - other.depth);
  const { state = '', epss = '', feeds, below } = lists ?? {};
  return {
    state,
    enrichmentState: stateOfEnrichments(state, epss),
    feedsState: feeds ?? '',
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
  /** A character for each change. */
  readonly matchable: string | null;
  readonly below: number | null;
  readonly state: string;
  readonly epss: string;
  /** NULL without feeds. */
  readonly feeds: string | null;
};

/**
 * A layer and its ancestors. The time of creation and the name tell a layer from another layer that received the same
 * id after a standby without the last changes replaced the server.
 *
 * @param leaf the SQL of the id of the layer
 */
function chainWithOrigin(leaf: string): string {
  return `chain (${LAYER_COLUMNS.join(', ')}, origin) AS (
  SELECT ${LAYER_COLUMNS.join(', ')}, created_at || ' ' || name FROM layer WHERE id = ${leaf}
  UNION ALL
  SELECT ${LAYER_COLUMNS.map((column) => `layer.${column}`).join(', ')}, layer.created_at || ' ' || layer.name
  FROM chain CROSS JOIN layer
  WHERE layer.id = chain.parent
)`;
}

const MAY_MATCH = '1';

/** Whether the range of an advisory contains a point of the feature. The other rules can only exclude ranges. */
const HAS_RANGE = `(
      SELECT 1 FROM feature_point CROSS JOIN affected
      WHERE feature_point.feature = feature.id
        AND affected.line = feature_point.line
        AND ${ruleSql(['start', 'end'])}
      LIMIT 1
    ) IS NOT NULL`;

/** Parameters: the id of the layer, and the ids of the known layers as an array. */
const SELECT_ABOVE = selectAbove('?');

/** Parameters: the name, the first and the last engine version, and the ids of the known layers as an array. */
const SELECT_NAMED_ABOVE = selectAbove(`(
    SELECT id FROM layer WHERE name = ? AND engine_version BETWEEN ? AND ? ORDER BY engine_version DESC LIMIT 1
  )`);

/**
 * Returns a query for the changes of the layers above the topmost known layer, in the form of {@link ChainLists}.
 *
 * @param leaf the SQL of the id of the layer
 */
function selectAbove(leaf: string): string {
  return `
WITH RECURSIVE ${chainWithOrigin(leaf)},
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
  string_agg(CASE WHEN may_match THEN '${MAY_MATCH}' ELSE '0' END, '') AS matchable,
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
  ${EPSS_STATE} AS epss,
  ${FEEDS_STATE} AS feeds
FROM (
  SELECT
    difference.depth, difference.path, difference.change, difference.origin_depth, feature.id, feature.identity,
    ${FEATURE_COLUMNS}, feature.judged_by, namespace.name AS namespace,
    CASE WHEN difference.change = 1 THEN ${HAS_RANGE} ELSE FALSE END AS may_match
  FROM difference
    CROSS JOIN feature
    CROSS JOIN line
    CROSS JOIN namespace
  WHERE feature.id = difference.feature AND line.id = feature.line AND namespace.id = line.namespace
  ORDER BY difference.depth, ${FEATURE_ORDER}, difference.path
) AS changed`;
}
