import { ClairError } from '../errors.ts';
import type { InstalledPackage } from '../model/layer.ts';
import { matchedAs, moduleStreamOf, type Package, type PackageKind, SCHEME_OF_KIND } from '../model/package.ts';
import { SCHEMES } from '../versions/index.ts';
import type { SchemeId } from '../versions/scheme.ts';
import type { Queries } from './engine.ts';

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

/** Gives the id of the stream of a package name in a namespace, which is made when it is new. */
export async function ensureStream(queries: Queries, namespace: number, name: string): Promise<number> {
  return await ensureRow(
    queries,
    'SELECT id FROM stream WHERE namespace = ? AND name = ?',
    [namespace, name],
    'INSERT INTO stream (namespace, name) VALUES (?, ?) RETURNING id',
    [namespace, name],
  );
}

/** Gives the id of a package in its namespace, which is made when it is new. */
export async function ensurePackage(queries: Queries, { package: of, namespace }: InstalledPackage): Promise<number> {
  const scheme = SCHEME_OF_KIND[of.kind];
  const matched = matchedAs(of, namespace);
  const stream = await ensureStream(queries, await ensureNamespace(queries, namespace, scheme), matched.name);
  const { kind, name, version, arch, source, vendor = '', module } = of;
  const label = module === undefined ? [0, ''] : [1, module];
  const identity = [stream, kind, name, version, arch, source.name, source.version, vendor, ...label];
  return await ensureRow(queries, SELECT_PACKAGE_ID, identity, INSERT_PACKAGE, [
    ...identity,
    moduleStreamOf(of) ?? null,
    keyOrNull(scheme, matched.version),
  ]);
}

const SELECT_PACKAGE_ID = `
SELECT id FROM package
WHERE stream = ? AND kind = ? AND name = ? AND version = ? AND arch = ? AND source_name = ? AND source_version = ?
  AND vendor = ? AND has_module = ? AND module = ?`;

const INSERT_PACKAGE = `
INSERT INTO package (
  stream, kind, name, version, arch, source_name, source_version, vendor, has_module, module, module_stream, version_key
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING id`;

type Values = Parameters<Queries['get']>[1];

async function ensureRow(queries: Queries, select: string, keys: Values, insert: string, row: Values): Promise<number> {
  const found = (await queries.get<{ id: number }>(select, keys)) ?? (await queries.get<{ id: number }>(insert, row));
  if (found === undefined) throw new Error('an insert that returns its id returned none');
  return found.id;
}

/** A version without a key lies on no stream and is never matched: whoever installed it reports the problem. */
function keyOrNull(scheme: SchemeId, version: string): Uint8Array | null {
  try {
    return SCHEMES[scheme].key(version);
  } catch (error) {
    if (error instanceof ClairError && error.code === 'version/invalid') return null;
    throw error;
  }
}
