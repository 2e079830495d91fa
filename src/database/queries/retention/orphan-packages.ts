import { setImmediate } from 'node:timers/promises';
import type { Queries } from '../../engines/engine.ts';
import type { RetentionPlan } from '../../contracts/retention.ts';
import { partsOf, rowPages } from '../row-pages.ts';

/** How many layers or packages are looked at by one statement. */
const IDS_PER_STATEMENT = 100;

/**
 * Finds the packages that no layer brings or removes, the streams on which there is neither a package nor a vulnerability,
 * and the namespaces without streams.
 *
 * @param layers those that are going, and no longer count
 */
export async function orphanPackages(
  queries: Queries,
  layers: RetentionPlan['layer'],
): Promise<Pick<RetentionPlan, 'package' | 'stream' | 'namespace'>> {
  const packages = await orphansOf(queries, await packageUses(queries, layers));
  const streams = await orphanStreams(queries, packages);
  return {
    package: packages.map(({ id }) => id),
    stream: streams.map(({ id }) => id),
    namespace: await orphanNamespaces(queries, streams),
  };
}

/** How often something is used by what is going, by its id. */
type LostUses = Map<number, number>;

async function packageUses(queries: Queries, layers: RetentionPlan['layer']): Promise<LostUses> {
  const lost: LostUses = new Map();
  for (const group of layers) {
    for (const ids of partsOf(group, IDS_PER_STATEMENT)) {
      addUses(lost, await queries.all<Uses>(COUNT_PACKAGES_OF_LAYERS, [JSON.stringify(ids)]));
      await setImmediate();
    }
  }
  return lost;
}

type Uses = { readonly id: number; readonly count: number };
type PackageRow = { readonly id: number; readonly stream: number; readonly used: 0 | 1 };

async function orphansOf(queries: Queries, lost: LostUses): Promise<readonly PackageRow[]> {
  const orphans: PackageRow[] = [];
  const pages = rowPages<PackageRow>((last, limit) => queries.all(SELECT_PACKAGES_IN_USE, [last?.id ?? 0, limit]));
  for await (const page of pages) {
    for (const row of page) {
      const uses = lost.get(row.id) ?? 0;
      const isOrphan = uses === 0 ? row.used === 0 : await hasNoOther(queries, COUNT_PACKAGE_USES, row.id, uses);
      if (isOrphan) orphans.push(row);
    }
  }
  return orphans;
}

type StreamRow = { readonly id: number; readonly namespace: number; readonly uses: number | null };

/** A package uses the stream that it is kept by, and those that it has points on. */
async function orphanStreams(queries: Queries, packages: readonly PackageRow[]): Promise<readonly StreamRow[]> {
  const lost: LostUses = new Map();
  for (const part of partsOf(packages, IDS_PER_STATEMENT)) {
    addUses(
      lost,
      part.map(({ stream }) => ({ id: stream, count: 1 })),
    );
    addUses(lost, await queries.all<Uses>(COUNT_STREAMS_OF_PACKAGES, [JSON.stringify(part.map(({ id }) => id))]));
    await setImmediate();
  }
  const orphans: StreamRow[] = [];
  const pages = rowPages<StreamRow>((last, limit) => queries.all(SELECT_STREAMS_IN_USE, [last?.id ?? 0, limit]));
  for await (const page of pages) {
    orphans.push(...page.filter(({ id, uses }) => uses !== null && uses === (lost.get(id) ?? 0)));
  }
  return orphans;
}

async function orphanNamespaces(queries: Queries, streams: readonly StreamRow[]): Promise<readonly number[]> {
  const lost: LostUses = new Map();
  addUses(
    lost,
    streams.map(({ namespace }) => ({ id: namespace, count: 1 })),
  );
  const orphans: number[] = [];
  for (const { id } of await queries.all<{ id: number }>('SELECT id FROM namespace ORDER BY id')) {
    if (await hasNoOther(queries, COUNT_NAMESPACE_USES, id, lost.get(id) ?? 0)) orphans.push(id);
  }
  return orphans;
}

function addUses(lost: LostUses, uses: readonly Uses[]): void {
  for (const { id, count } of uses) lost.set(id, (lost.get(id) ?? 0) + count);
}

/** Whether nothing uses a row but what is going; counts no further than it must. */
async function hasNoOther(queries: Queries, statement: string, id: number, going: number): Promise<boolean> {
  const row = await queries.get<{ count: number }>(statement, [id, going + 1]);
  return row?.count === going;
}

export const COUNT_PACKAGES_OF_LAYERS = `
SELECT package AS id, COUNT(*) AS count FROM layer_package
WHERE layer IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
GROUP BY package`;

export const SELECT_PACKAGES_IN_USE = `
SELECT id, stream,
  CASE WHEN (SELECT 1 FROM layer_package WHERE layer_package.package = package.id LIMIT 1) IS NULL THEN 0 ELSE 1 END AS used
FROM package
WHERE id > ?
ORDER BY id
LIMIT ?`;

export const COUNT_PACKAGE_USES = `
SELECT COUNT(*) AS count FROM (SELECT 1 FROM layer_package WHERE package = ? LIMIT ?) AS found`;

export const COUNT_STREAMS_OF_PACKAGES = `
SELECT stream AS id, COUNT(*) AS count FROM package_point
WHERE package IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
GROUP BY stream`;

/** Uses are not counted, but NULL, where a vulnerability affects the stream. */
export const SELECT_STREAMS_IN_USE = `
SELECT id, namespace,
  CASE WHEN (SELECT 1 FROM affected WHERE affected.stream = stream.id LIMIT 1) IS NULL THEN
    (SELECT COUNT(*) FROM package WHERE package.stream = stream.id)
    + (SELECT COUNT(*) FROM package_point WHERE package_point.stream = stream.id)
  END AS uses
FROM stream
WHERE id > ?
ORDER BY id
LIMIT ?`;

export const COUNT_NAMESPACE_USES = `
SELECT COUNT(*) AS count FROM (SELECT 1 FROM stream WHERE namespace = ? LIMIT ?) AS found`;
