import type { InstalledPackage } from '../../../model/layer.ts';
import {
  type MatchedName,
  matchedNames,
  moduleStreamOf,
  type Package,
  type PackageKind,
  SCHEME_OF_KIND,
} from '../../../model/package.ts';
import { SCHEMES } from '../../../versions/index.ts';
import type { SchemeId } from '../../../versions/scheme.ts';
import type { InsertTarget, KeyedTarget, SqlValue, TransactionQueries } from '../../engines/engine.ts';

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

/** By what packages are listed: a total order, the same for every engine. */
export const PACKAGE_ORDER: string =
  'package.name, package.arch, package.version, package.vendor, package.has_module, package.module, package.id';

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

/** Namespaces by their name. */
export const NAMESPACES: KeyedTarget = { table: 'namespace', key: ['name'], columns: ['scheme'] };

/** Streams by their namespace, their name, and whether (1) or not (0) that is the name of a source. */
export const STREAMS: KeyedTarget = { table: 'stream', key: ['namespace', 'name', 'of_source'], columns: [] };

/** Gives the ids of packages in their namespaces; those that are new are made. */
export async function ensurePackages(
  queries: TransactionQueries,
  installed: readonly InstalledPackage[],
): Promise<number[]> {
  const streamOf = await ensureStreams(queries, installed);
  const rows = installed.map(({ package: of, namespace }): Values => {
    const { kind, name, version, arch, source, vendor = '', module } = of;
    const stream = streamOf(namespace, matchedNames(of)[0]);
    const label = module === undefined ? [0, ''] : [1, module];
    const identity = [stream, kind, name, version, arch, source.name, source.version, vendor, ...label];
    return [...identity, moduleStreamOf(of) ?? null];
  });
  return await queries.ensureMany(
    {
      ...PACKAGES,
      parts: {
        target: POINTS,
        of(id, place) {
          const { package: of, namespace } = itemAt(installed, place);
          return matchedNames(of).flatMap((name) =>
            pointsOf(id, streamOf(namespace, name), SCHEME_OF_KIND[of.kind], name),
          );
        },
      },
    },
    rows,
  );
}

/** Makes the namespaces and streams of packages, and finds them. */
async function ensureStreams(
  queries: TransactionQueries,
  installed: readonly InstalledPackage[],
): Promise<(namespace: string, name: MatchedName) => number> {
  const schemes = new Map(installed.map(({ package: of, namespace }) => [namespace, SCHEME_OF_KIND[of.kind]]));
  const namespaces = [...schemes.keys()];
  const namespaceIds = await queries.ensureMany(NAMESPACES, [...schemes]);
  const keys = new Map<string, Values>();
  for (const { package: of, namespace } of installed) {
    const id = itemAt(namespaceIds, namespaces.indexOf(namespace));
    for (const name of matchedNames(of)) keys.set(streamKey(namespace, name), [id, name.name, ofSource(name)]);
  }
  const ids = await queries.ensureMany(STREAMS, [...keys.values()]);
  const streams = new Map([...keys.keys()].map((key, place) => [key, itemAt(ids, place)]));
  return (namespace, name) => {
    const id = streams.get(streamKey(namespace, name));
    if (id === undefined) throw new Error(`the stream of ${name.name} in ${namespace} was not made`);
    return id;
  };
}

function ofSource({ by }: Pick<MatchedName, 'by'>): 0 | 1 {
  return by === 'source' ? 1 : 0;
}

function streamKey(namespace: string, name: MatchedName): string {
  return JSON.stringify([namespace, name.name, ofSource(name)]);
}

function itemAt<Item>(items: readonly Item[], place: number): Item {
  const item = items[place];
  if (item === undefined) throw new Error(`there is nothing at place ${place}`);
  return item;
}

const PACKAGES: KeyedTarget = {
  table: 'package',
  key: ['stream', 'kind', 'name', 'version', 'arch', 'source_name', 'source_version', 'vendor', 'has_module', 'module'],
  columns: ['module_stream'],
};

const POINTS: InsertTarget = { table: 'package_point', columns: ['stream', 'version_key', 'package'] };

type Values = readonly SqlValue[];

/** A version without a key lies on no stream and is never matched: whoever installed it reports the problem. */
function pointsOf(id: number, stream: number, scheme: SchemeId, { version }: MatchedName): Values[] {
  const key = SCHEMES[scheme].keyOf(version);
  return key === undefined ? [] : [[stream, key, id]];
}
