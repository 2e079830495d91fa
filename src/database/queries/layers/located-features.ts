import { FILES } from '../../../model/advisories/file-rule.ts';
import { isSystemPackage } from '../../../model/feature.ts';
import type { FeatureOwner, LocatedFeature } from '../../../model/layer.ts';
import type { Queries } from '../../engines/engine.ts';
import { createTurns } from '../../../threads/turns.ts';
import type { CachedReads } from '../cached/cached-reads.ts';
import { CHAIN, LOCATED } from '../matches/installed.ts';
import { FEATURE_ORDER, featureWith, itemAt } from './feature-rows.ts';

/** The number of features that are built between two reads of the clock, which takes as long as a feature. */
const FEATURES_PER_CHECK = 500;

/** Returns the packages installed at a layer, once for each path, with their owners. */
export async function readPackages(
  read: Queries,
  layer: number,
  cached?: CachedReads,
): Promise<readonly LocatedFeature[]> {
  const located = (await cachedPackages(layer, cached)) ?? (await readLocated(read, SELECT_PACKAGES, layer));
  // Only features with paths have owners. Stored layers never change, so the two statements read the same state.
  const hasFiles = located.features.some(({ path }) => path !== '');
  return hasFiles ? withOwners(located, await read.all<OwnerRow>(SELECT_OWNERS, [layer])) : located.features;
}

/** Returns undefined if the caches cannot return the packages. */
async function cachedPackages(layer: number, cached: CachedReads | undefined): Promise<Located | undefined> {
  const located = await cached?.features?.(layer);
  if (located === undefined || located.features.every(({ feature }) => feature.type !== FILES)) return located;
  const { features, ids } = located;
  const isPackage = (at: number): boolean => features[at]?.feature.type !== FILES;
  return { features: features.filter((_, at) => isPackage(at)), ids: ids.filter((_, at) => isPackage(at)) };
}

/** Returns the files of file rules at a layer, once for each path. */
export async function readFiles(
  read: Queries,
  layer: number,
  cached?: CachedReads,
): Promise<readonly LocatedFeature[]> {
  const located = await cached?.features?.(layer);
  if (located !== undefined) return located.features.filter(({ feature }) => feature.type === FILES);
  return (await readLocated(read, SELECT_FILES, layer)).features;
}

type Located = { readonly features: readonly LocatedFeature[]; readonly ids: readonly number[] };

/**
 * The values of each column, as JSON lists. NULL or an empty list if there are no features. Both engines return a few
 * lists faster than the same values in rows and columns.
 */
type LocatedLists = Readonly<Record<keyof LocatedValues, string | null>>;

/** The type of the values of each column. */
type LocatedValues = {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly arch: string | null;
  readonly details: object;
  readonly namespace: string;
  readonly judged_by: string;
  readonly path: string;
  readonly origin_depth: number;
};

/** The SQL of each column but `details`, which contains JSON. */
const COLUMNS: Readonly<Record<Exclude<keyof LocatedValues, 'details'>, string>> = {
  id: 'feature.id',
  type: 'feature.type',
  name: 'feature.name',
  version: 'feature.version',
  arch: 'feature.arch',
  namespace: 'namespace.name',
  judged_by: 'feature.judged_by',
  path: 'located.path',
  origin_depth: 'located.origin_depth',
};

/** The packages installed at a layer, in one row of {@link LocatedLists}. Parameter: the id of the layer. */
const SELECT_PACKAGES = selectLocated(`feature.type <> '${FILES}'`);

/** The files of file rules at a layer. Parameter: the id of the layer. */
const SELECT_FILES = selectLocated(`feature.type = '${FILES}'`);

function selectLocated(condition: string): string {
  const columns = Object.entries(COLUMNS);
  return `
WITH RECURSIVE ${CHAIN}, ${LOCATED}
SELECT '[' || string_agg(details, ',') || ']' AS details,
  ${columns.map(([name]) => `CAST(json_group_array(${name}) AS TEXT) AS ${name}`).join(',\n  ')}
FROM (
  SELECT feature.details, ${columns.map(([name, column]) => `${column} AS ${name}`).join(', ')}
  FROM located
    CROSS JOIN feature
    CROSS JOIN line
    CROSS JOIN namespace
  WHERE feature.id = located.feature AND line.id = feature.line AND namespace.id = line.namespace AND ${condition}
  ORDER BY ${FEATURE_ORDER}, located.path
) AS installed`;
}

/** Reads the result of {@link selectLocated}. Other work of the thread can run between lists and between features. */
async function readLocated(read: Queries, statement: string, layer: number): Promise<Located> {
  const lists = await read.get<LocatedLists>(statement, [layer]);
  const turns = createTurns();
  const valuesOf = async <Name extends keyof LocatedValues>(name: Name): Promise<readonly LocatedValues[Name][]> => {
    if (turns.areDue()) await turns.take();
    return JSON.parse(lists?.[name] ?? '[]');
  };
  const ids = await valuesOf('id');
  const types = await valuesOf('type');
  const names = await valuesOf('name');
  const versions = await valuesOf('version');
  const archs = await valuesOf('arch');
  const details = await valuesOf('details');
  const namespaces = await valuesOf('namespace');
  const judges = await valuesOf('judged_by');
  const paths = await valuesOf('path');
  const depths = await valuesOf('origin_depth');
  const features: LocatedFeature[] = [];
  for (const at of ids.keys()) {
    const columns = {
      type: itemAt(types, at),
      name: itemAt(names, at),
      version: itemAt(versions, at),
      arch: itemAt(archs, at),
    };
    const feature = featureWith(columns, itemAt(details, at));
    const namespace = itemAt(namespaces, at);
    const judgedBy = itemAt(judges, at);
    const [path, originDepth] = [itemAt(paths, at), itemAt(depths, at)];
    const isJudged = judgedBy !== '';
    features.push(
      isJudged ? { feature, namespace, judgedBy, path, originDepth } : { feature, namespace, path, originDepth },
    );
    if (at % FEATURES_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  return { features, ids };
}

/** The owner changes in a chain, base first, because a parent is stored before its children and has a smaller id. */
export const SELECT_OWNERS: string = `
WITH RECURSIVE ${CHAIN}
SELECT feature_owner.feature, feature_owner.path, feature_owner.owner
FROM chain CROSS JOIN feature_owner
WHERE feature_owner.layer = chain.id
ORDER BY feature_owner.layer`;

type OwnerRow = { readonly feature: number; readonly path: string; readonly owner: number | null };

/**
 * Adds the owners to features. Owners are installed at the layer, so they are among the features. If several owner
 * changes have the same feature and path, the last change is used.
 */
function withOwners({ features, ids }: Located, owners: readonly OwnerRow[]): readonly LocatedFeature[] {
  if (owners.length === 0) return features;
  const ownerOf = new Map(owners.map(({ feature, path, owner }) => [`${feature} ${path}`, owner]));
  const owning = new Set(ownerOf.values());
  const packages = new Map<number | null, FeatureOwner>();
  for (const [at, { feature, namespace }] of features.entries()) {
    const id = ids[at] ?? null;
    if (owning.has(id) && isSystemPackage(feature)) packages.set(id, { feature, namespace });
  }
  return features.map((each, at) => {
    const owner = packages.get(ownerOf.get(`${ids[at]} ${each.path}`) ?? null);
    return owner === undefined ? each : { ...each, owner };
  });
}
