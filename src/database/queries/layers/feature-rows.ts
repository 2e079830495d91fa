import { hash } from 'node:crypto';
import type { Lookup } from '../../../ecosystems/ecosystem.ts';
import { ecosystemOf, traitsOf } from '../../../ecosystems/index.ts';
import { lineKey } from '../../../ecosystems/line-key.ts';
import { type Feature, featureIdentity, flagsOf } from '../../../model/feature.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import { type SchemeId, SCHEMES } from '../../../versions/index.ts';
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

/** The order of features: a total order that is the same on every engine. */
export const FEATURE_ORDER = "feature.name, COALESCE(feature.arch, ''), feature.version, feature.details, feature.id";

/** Returns the package in a row. */
export function featureOfRow({ details, ...columns }: FeatureRow): Feature {
  return featureWith(columns, JSON.parse(details));
}

/** Returns the package with the values of the columns and the parsed details. */
export function featureWith({ type, name, version, arch }: Omit<FeatureRow, 'details'>, details: object): Feature {
  const feature = arch === null ? { type, name, version, ...details } : { type, name, version, arch, ...details };
  return feature;
}

/** Returns the JSON with the fields of a feature that have no column. */
export function detailsOf({ type: _type, name: _name, version: _version, ...others }: Feature): string {
  return JSON.stringify({ ...others, arch: undefined });
}

/** Namespaces by name. */
export const NAMESPACES: KeyedTarget = { table: 'namespace', key: ['name'], columns: ['scheme'] };

/** Version lines by namespace, name, and role of the name. */
export const LINES: KeyedTarget = { table: 'line', key: ['namespace', 'name', 'role'], columns: [] };

/** A feature in its namespace, with the namespace of the owner whose advisories apply. */
type FeaturePlace = Pick<LocatedFeature, 'feature' | 'namespace' | 'judgedBy'>;

/**
 * Returns the ids of features in their namespaces, in the given order; inserts new features. Looks up the features
 * first, because most layers contain only stored features, whose version lines exist.
 */
export async function ensureFeatures(queries: TransactionQueries, located: readonly FeaturePlace[]): Promise<number[]> {
  const identities = located.map(identityOf);
  const found = await queries.findMany(
    FEATURES,
    identities.map((identity) => [identity]),
  );
  const missing = located.flatMap((each, place) =>
    found[place] === undefined ? [{ ...each, identity: itemAt(identities, place) }] : [],
  );
  const made = await insertFeatures(queries, missing);
  let next = 0;
  return found.map((id) => id ?? itemAt(made, next++));
}

async function insertFeatures(
  queries: TransactionQueries,
  located: readonly (FeaturePlace & { readonly identity: Uint8Array })[],
): Promise<number[]> {
  const lines = await ensureLines(queries, located);
  const rows = located.map(({ identity, feature, judgedBy = '' }, place): Values => {
    return [identity, itemAt(itemAt(lines, place), 0), ...valuesOf(feature), judgedBy];
  });
  return await queries.ensureMany(
    {
      ...FEATURES,
      parts: {
        target: POINTS,
        of(id, place) {
          const { feature } = itemAt(located, place);
          const ids = itemAt(lines, place);
          return linesOf(feature).flatMap((lookup, at) => pointsOf(id, itemAt(ids, at), feature, lookup));
        },
      },
    },
    rows,
  );
}

/** Returns the ids of the version lines of each feature; inserts new version lines. */
async function ensureLines(
  queries: TransactionQueries,
  located: readonly FeaturePlace[],
): Promise<readonly (readonly number[])[]> {
  const schemes = new Map<string, SchemeId>();
  for (const { feature, namespace } of located) schemes.set(namespace, ecosystemOf(feature).scheme);
  const ids = await queries.ensureMany(NAMESPACES, [...schemes]);
  const namespaceIds = new Map([...schemes.keys()].map((namespace, place) => [namespace, itemAt(ids, place)]));
  const places = new Map<string, number>();
  const rows: Values[] = [];
  const placesOf = located.map(({ feature, namespace }) =>
    linesOf(feature).map(({ name, role }) => {
      const key = lineKey(namespace, name, role);
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, rows.length);
      return rows.push([namespaceIds.get(namespace) ?? null, name, role ?? '']) - 1;
    }),
  );
  const lineIds = await queries.ensureMany(LINES, rows);
  return placesOf.map((each) => each.map((place) => itemAt(lineIds, place)));
}

function linesOf(feature: Feature): readonly [Lookup, ...Lookup[]] {
  return ecosystemOf(feature).lines(feature);
}

/** Returns an item of a list. @throws Error if the list is shorter */
export function itemAt<Item>(items: readonly Item[], place: number): Item {
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
  return hash('sha256', `${place}\n${featureIdentity(feature)}`, 'buffer');
}

/** The columns after `line`, without `judged_by`. */
function valuesOf(feature: Feature): Values {
  const { type, name, version } = feature;
  const { arch, module } = traitsOf(feature);
  return [type, name, version, arch, module, detailsOf(feature)];
}

/**
 * Returns the points of a feature on a version line. A version without a key has no point and never matches; the
 * analysis reports it (`package-version-invalid`). A vendored copy has no point either, because the vendor may have
 * changed the copy.
 */
function pointsOf(id: number, line: number, feature: Feature, { version }: Lookup): Values[] {
  if (flagsOf(feature).includes('vendored')) return [];
  const key = SCHEMES[ecosystemOf(feature).scheme].keyOf(version);
  return key === undefined ? [] : [[line, key, id]];
}
