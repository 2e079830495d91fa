import { createHash } from 'node:crypto';
import type { Lookup } from '../../../ecosystems/ecosystem.ts';
import { ecosystemOf, traitsOf } from '../../../ecosystems/index.ts';
import { lineKey } from '../../../ecosystems/line-key.ts';
import { type Feature, featureIdentity, flagsOf } from '../../../model/feature.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import { SCHEMES } from '../../../versions/index.ts';
import type { InsertTarget, KeyedTarget, SqlValue, TransactionQueries } from '../../engines/engine.ts';

/** The columns of a feature in all queries; see {@link FEATURE_COLUMNS}. */
export type FeatureRow = {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly arch: string | null;
  /** JSON with the fields that have no column. */
  readonly details: string;
};

/** The columns to select for {@link featureOfRow}. */
export const FEATURE_COLUMNS = 'feature.type, feature.name, feature.version, feature.arch, feature.details';

/** The order of features: total, and the same on every engine. */
export const FEATURE_ORDER = "feature.name, COALESCE(feature.arch, ''), feature.version, feature.details, feature.id";

/** Converts a row to a feature. */
export function featureOfRow({ type, name, version, arch, details }: FeatureRow): Feature {
  return { type, name, version, ...(arch !== null && { arch }), ...JSON.parse(details) };
}

/** Namespaces by name. */
export const NAMESPACES: KeyedTarget = { table: 'namespace', key: ['name'], columns: ['scheme'] };

/** Version lines by namespace, name, and role of the name. */
export const LINES: KeyedTarget = { table: 'line', key: ['namespace', 'name', 'role'], columns: [] };

/** A feature in its namespace, with the namespace of the owner whose advisories apply. */
type FeaturePlace = Pick<LocatedFeature, 'feature' | 'namespace' | 'judgedBy'>;

/** Returns the ids of features in their namespaces, in order; inserts new features. */
export async function ensureFeatures(queries: TransactionQueries, located: readonly FeaturePlace[]): Promise<number[]> {
  const lineOf = await ensureLines(queries, located);
  const rows = located.map((each): Values => {
    const { feature, namespace, judgedBy = '' } = each;
    const [first] = linesOf(feature);
    return [identityOf(each), lineOf(namespace, first), ...valuesOf(feature), judgedBy];
  });
  return await queries.ensureMany(
    {
      ...FEATURES,
      parts: {
        target: POINTS,
        of(id, place) {
          const { feature, namespace } = itemAt(located, place);
          return linesOf(feature).flatMap((lookup) => pointsOf(id, lineOf(namespace, lookup), feature, lookup));
        },
      },
    },
    rows,
  );
}

/** Returns a function that looks up line ids. */
async function ensureLines(
  queries: TransactionQueries,
  located: readonly FeaturePlace[],
): Promise<(namespace: string, lookup: Lookup) => number> {
  const schemes = new Map(located.map(({ feature, namespace }) => [namespace, ecosystemOf(feature).scheme]));
  const namespaces = [...schemes.keys()];
  const namespaceIds = await queries.ensureMany(NAMESPACES, [...schemes]);
  const keys = new Map<string, Values>();
  for (const { feature, namespace } of located) {
    const id = itemAt(namespaceIds, namespaces.indexOf(namespace));
    for (const lookup of linesOf(feature))
      keys.set(lineKey(namespace, lookup.name, lookup.role), [id, lookup.name, lookup.role ?? '']);
  }
  const ids = await queries.ensureMany(LINES, [...keys.values()]);
  const lines = new Map([...keys.keys()].map((key, place) => [key, itemAt(ids, place)]));
  return (namespace, lookup) => {
    const id = lines.get(lineKey(namespace, lookup.name, lookup.role));
    if (id === undefined) throw new Error(`the line of ${lookup.name} in ${namespace} was not inserted`);
    return id;
  };
}

function linesOf(feature: Feature): readonly [Lookup, ...Lookup[]] {
  return ecosystemOf(feature).lines(feature);
}

function itemAt<Item>(items: readonly Item[], place: number): Item {
  const item = items[place];
  if (item === undefined) throw new Error(`there is no item at index ${place}`);
  return item;
}

const FEATURES: KeyedTarget = {
  table: 'feature',
  key: ['identity'],
  columns: ['line', 'type', 'name', 'version', 'arch', 'module', 'details', 'judged_by'],
};

const POINTS: InsertTarget = { table: 'feature_point', columns: ['line', 'version_key', 'feature'] };

type Values = readonly SqlValue[];

function identityOf({ feature, namespace, judgedBy }: FeaturePlace): Uint8Array {
  const place = judgedBy === undefined ? namespace : `${namespace} ${judgedBy}`;
  return createHash('sha256')
    .update(`${place}\n${featureIdentity(feature)}`)
    .digest();
}

/** The columns after `line`, without `judged_by`. */
function valuesOf(feature: Feature): Values {
  const { type, name, version, ...others } = feature;
  const { arch, module } = traitsOf(feature);
  return [type, name, version, arch, module, JSON.stringify({ ...others, arch: undefined })];
}

/**
 * A version without a key has no point and never matches; analysis reports it (`package-version-invalid`). A vendored
 * copy has no point either, because its owner may have changed it.
 */
function pointsOf(id: number, line: number, feature: Feature, { version }: Lookup): Values[] {
  if (flagsOf(feature).includes('vendored')) return [];
  const key = SCHEMES[ecosystemOf(feature).scheme].keyOf(version);
  return key === undefined ? [] : [[line, key, id]];
}
