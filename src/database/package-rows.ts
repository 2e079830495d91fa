import { ClairError } from '../errors.ts';
import type { InstalledPackage } from '../model/layer.ts';
import {
  type MatchedName,
  matchedNames,
  moduleStreamOf,
  type Package,
  type PackageKind,
  SCHEME_OF_KIND,
} from '../model/package.ts';
import { SCHEMES } from '../versions/index.ts';
import type { SchemeId } from '../versions/scheme.ts';
import type { InsertTarget, Queries, SqlValue } from './engine.ts';

/** The columns of a package, as every query selects them; see {@link PACKAGE_COLUMNS}. */
export type PackageRow = {
  readonly kind: PackageKind;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source_name: string;
  readonly source_version: string;
  readonly vendor: string;
  readonly has_module: 0 | 1;
  readonly module: string;
};

/** What to select of a package for {@link packageOfRow}. */
export const PACKAGE_COLUMNS: string = [
  'kind',
  'name',
  'version',
  'arch',
  'source_name',
  'source_version',
  'vendor',
  'has_module',
  'module',
]
  .map((column) => `package.${column}`)
  .join(', ');

export function packageOfRow(row: PackageRow): Package {
  const { kind, name, version, arch, vendor, module } = row;
  return {
    kind,
    name,
    version,
    arch,
    source: { name: row.source_name, version: row.source_version },
    ...(vendor !== '' && { vendor }),
    ...(row.has_module === 1 && { module }),
  };
}

/** Gives the id of a namespace, which is made when it is new. */
export async function ensureNamespace(queries: Queries, name: string, scheme: SchemeId): Promise<number> {
  return await ensureRow(
    queries,
    'SELECT id FROM namespace WHERE name = ?',
    [name],
    'INSERT INTO namespace (name, scheme) VALUES (?, ?) RETURNING id',
    [name, scheme],
  );
}

/** Gives the id of the stream of a name in a namespace, which is made when it is new. */
export async function ensureStream(
  queries: Queries,
  namespace: number,
  { name, by }: Pick<MatchedName, 'name' | 'by'>,
): Promise<number> {
  const values = [namespace, name, by === 'source' ? 1 : 0];
  return await ensureRow(
    queries,
    'SELECT id FROM stream WHERE namespace = ? AND name = ? AND of_source = ?',
    values,
    'INSERT INTO stream (namespace, name, of_source) VALUES (?, ?, ?) RETURNING id',
    values,
  );
}

/** Gives the id of a package in its namespace, which is made when it is new. */
export async function ensurePackage(queries: Queries, { package: of, namespace }: InstalledPackage): Promise<number> {
  const scheme = SCHEME_OF_KIND[of.kind];
  const namespaceId = await ensureNamespace(queries, namespace, scheme);
  const [usual, ...others] = matchedNames(of);
  const stream = await ensureStream(queries, namespaceId, usual);
  const { kind, name, version, arch, source, vendor = '', module } = of;
  const label = module === undefined ? [0, ''] : [1, module];
  const identity = [stream, kind, name, version, arch, source.name, source.version, vendor, ...label];
  const present = await queries.get<{ id: number }>(SELECT_PACKAGE_ID, identity);
  if (present !== undefined) return present.id;
  const id = await insertRow(queries, INSERT_PACKAGE, [...identity, moduleStreamOf(of) ?? null]);
  const points: Values[] = pointsOf(id, stream, scheme, usual);
  for (const other of others) {
    points.push(...pointsOf(id, await ensureStream(queries, namespaceId, other), scheme, other));
  }
  await queries.insertMany(POINTS, points);
  return id;
}

const SELECT_PACKAGE_ID = `
SELECT id FROM package
WHERE stream = ? AND kind = ? AND name = ? AND version = ? AND arch = ? AND source_name = ? AND source_version = ?
  AND vendor = ? AND has_module = ? AND module = ?`;

const INSERT_PACKAGE = `
INSERT INTO package (
  stream, kind, name, version, arch, source_name, source_version, vendor, has_module, module, module_stream
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING id`;

const POINTS: InsertTarget = { table: 'package_point', columns: ['stream', 'version_key', 'package'] };

type Values = readonly SqlValue[];

async function ensureRow(queries: Queries, select: string, keys: Values, insert: string, row: Values): Promise<number> {
  const found = await queries.get<{ id: number }>(select, keys);
  return found === undefined ? await insertRow(queries, insert, row) : found.id;
}

async function insertRow(queries: Queries, insert: string, row: Values): Promise<number> {
  const inserted = await queries.get<{ id: number }>(insert, row);
  if (inserted === undefined) throw new Error('an insert that returns its id returned none');
  return inserted.id;
}

/** A version without a key lies on no stream and is never matched: whoever installed it reports the problem. */
function pointsOf(id: number, stream: number, scheme: SchemeId, { version }: MatchedName): Values[] {
  try {
    return [[stream, SCHEMES[scheme].key(version), id]];
  } catch (error) {
    if (error instanceof ClairError && error.code === 'version/invalid') return [];
    throw error;
  }
}
