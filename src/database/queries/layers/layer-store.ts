import { setImmediate } from 'node:timers/promises';
import { ClairError } from '../../../errors.ts';
import { dayOf } from '../../../model/time/day.ts';
import type { Digest } from '../../../model/digest.ts';
import { currentVersions, type EngineVersion } from '../../../model/engine/engine-version.ts';
import type { FeatureChange, Layer } from '../../../model/layer.ts';
import { raiseRevision } from '../images/data-revision.ts';
import type { Engine, InsertTarget, Queries, SqlValue, TransactionQueries } from '../../engines/engine.ts';
import type { CachedReads } from '../cached/cached-reads.ts';
import { endedReleaseList, ENDED } from '../matches/ended-releases.ts';
import { ruleSql } from '../matches/matching-rules.ts';
import { ensureFeatures, FEATURE_COLUMNS, FEATURE_ORDER, featureOfRow, type FeatureRow } from './feature-rows.ts';
import { insertPrograms, readProgramIds, readPrograms } from './program-rows.ts';
import { LAYER_COLUMNS, layerOfRow, type LayerRow, layersOfChain } from './stored-layers.ts';
import { insertStatements, readStatements } from './statement-rows.ts';
import { CHAIN, INSTALLED } from '../matches/installed.ts';
import { readFiles, readPackages } from './located-features.ts';
import { FilesChanged, type LayerStore, type NewLayer } from '../../contracts/layers.ts';
import { FILES_LOCK, readFilesRevision } from '../file-rules/files-revision.ts';
import { FILES } from '../../../model/advisories/file-rule.ts';

/** The number of layers that are removed per turn of the event loop. */
const LAYERS_PER_TURN = 100;

/**
 * Stores layers, their changes, and the contents of their blobs.
 *
 * @param cached the reads with caches; without caches when absent
 */
export function createLayerStore(engine: Engine, cached?: CachedReads): LayerStore {
  const { read, clock } = engine;
  const ended = endedReleaseList(clock);
  async function findCurrent(name: string, version: EngineVersion): Promise<Layer | undefined> {
    return found(await read.get<LayerRow>(`${SELECT_LAYER} ${CURRENT_OF_NAME}`, [name, ...currentVersions(version)]));
  }
  return {
    async find(name, version) {
      const current = version === undefined ? undefined : await findCurrent(name, version);
      return current ?? found(await read.get<LayerRow>(`${SELECT_LAYER} ${LAST_OF_NAME}`, [name]));
    },
    async findCurrent(name, version) {
      if (cached?.find === undefined) return await findCurrent(name, version);
      return await cached.find({ name, versions: currentVersions(version) });
    },
    async get(id) {
      return found(await read.get<LayerRow>(`${SELECT_LAYER} WHERE id = ?`, [id]));
    },
    async chain(id) {
      return (await cached?.chain?.(id)) ?? layersOfChain(await read.all<LayerRow>(SELECT_CHAIN, [id]));
    },
    async insert(layer) {
      // If two inserts run concurrently, the second insert must find the rows of the first insert.
      return await engine.transaction((queries) => insertLayer(queries, layer, clock.now()), {
        alone: `layer ${layer.name}`,
        beside: FILES_LOCK,
      });
    },
    async features(id) {
      return await readPackages(read, id, cached);
    },
    async files(id) {
      return await readFiles(read, id, cached);
    },
    async programs(id) {
      return await readPrograms(read, id);
    },
    async programIds(id) {
      return await readProgramIds(read, id);
    },
    async statements(id) {
      return await readStatements(read, id);
    },
    async namespaces(id) {
      const rows = await read.all<{ namespace: string; count: number }>(SELECT_NAMESPACES, [ended(), id]);
      return new Map(rows.map(({ namespace, count }) => [namespace, count]));
    },
    async changes(id) {
      return (await read.all<ChangeRow>(SELECT_CHANGES, [id])).map(changeOfRow);
    },
    async changeCounts(id) {
      const rows = await read.all<{ layer: number; added: number; removed: number }>(SELECT_CHANGE_COUNTS, [id]);
      return new Map(rows.map(({ layer, added, removed }) => [layer, { added, removed }]));
    },
    async contents(digest, engineVersion) {
      const row = await read.get<{ contents: Uint8Array }>(SELECT_CONTENTS, [digest, engineVersion]);
      return row?.contents;
    },
    async keepContents(digest, engineVersion, contents) {
      await engine.transaction((queries) => insertContents(queries, { digest, engineVersion, contents }));
    },
    async diffIdOf(blob) {
      return (await read.get<{ diff_id: Digest }>('SELECT diff_id FROM blob WHERE digest = ?', [blob]))?.diff_id;
    },
    async noteBlob(blob, diffId) {
      await engine.transaction((queries) => queries.insertMany(BLOBS, [[blob, diffId]]));
    },
    async remove(name) {
      return await engine.transaction((queries) => removeLayers(queries, name));
    },
    async noteUse(ids, at) {
      const day = dayOf(at);
      await engine.transaction((queries) => queries.run(RECORD_USE, [day, JSON.stringify(ids), day]));
    },
    async countOutdated(engineVersion) {
      return (await read.get<{ count: number }>(COUNT_OUTDATED, [...currentVersions(engineVersion)]))?.count ?? 0;
    },
  };
}

const SELECT_LAYER = `SELECT ${LAYER_COLUMNS.join(', ')} FROM layer`;

const SELECT_CHAIN = `
WITH RECURSIVE ${CHAIN}
SELECT ${LAYER_COLUMNS.map((column) => `layer.${column}`).join(', ')}
FROM chain CROSS JOIN layer
WHERE layer.id = chain.id
ORDER BY layer.depth`;

const SELECT_NAMESPACES = `
WITH RECURSIVE ${ENDED}, ${CHAIN}, ${INSTALLED}
SELECT namespace.name AS namespace, COUNT(*) AS count
FROM installed
  CROSS JOIN feature
  CROSS JOIN line
  CROSS JOIN namespace
WHERE feature.id = installed.feature
  AND feature.type <> '${FILES}'
  AND line.id = feature.line
  AND namespace.id = line.namespace
  AND ${ruleSql(['owner'])}
GROUP BY namespace.name`;

export const SELECT_CHANGE_COUNTS: string = `
WITH RECURSIVE ${CHAIN}
SELECT
  layer.id AS layer,
  COUNT(DISTINCT CASE WHEN layer_feature.change = 1 THEN layer_feature.feature END) AS added,
  COUNT(DISTINCT CASE WHEN layer_feature.change = -1 THEN layer_feature.feature END) AS removed
FROM chain CROSS JOIN layer CROSS JOIN layer_feature
WHERE layer.id = chain.id
  AND layer_feature.layer = layer.id
  AND layer_feature.origin_depth = layer.depth
  AND layer_feature.feature NOT IN (
    SELECT feature.id
    FROM namespace CROSS JOIN line CROSS JOIN feature
    WHERE namespace.name = '${FILES}' AND line.namespace = namespace.id AND feature.line = line.id
  )
GROUP BY layer.id`;

const SELECT_CHANGES = `
SELECT
  ${FEATURE_COLUMNS}, namespace.name AS namespace, feature.judged_by, layer_feature.path, layer_feature.origin_depth,
  layer_feature.change
FROM layer
  CROSS JOIN layer_feature
  CROSS JOIN feature
  CROSS JOIN line
  CROSS JOIN namespace
WHERE layer.id = ?
  AND layer_feature.layer = layer.id
  AND layer_feature.origin_depth = layer.depth
  AND feature.id = layer_feature.feature
  AND feature.type <> '${FILES}'
  AND line.id = feature.line
  AND namespace.id = line.namespace
ORDER BY ${FEATURE_ORDER}, layer_feature.path`;

const SELECT_CONTENTS = 'SELECT contents FROM layer_contents WHERE digest = ? AND engine_version = ?';

/** Does not read the contents, which may be many megabytes. */
const HAS_CONTENTS = 'SELECT 1 FROM layer_contents WHERE digest = ? AND engine_version = ?';

/** The layers with a name, for every engine version, and all layers above these layers. Parameter: the name. */
export const SELECT_DESCENDANTS: string = `
WITH RECURSIVE below (id, depth) AS (
  SELECT id, depth FROM layer WHERE name = ?
  UNION
  SELECT layer.id, layer.depth FROM below CROSS JOIN layer WHERE layer.parent = below.id
)
SELECT id FROM below ORDER BY depth DESC`;

/** Never sets an earlier day, so that a wrong clock does no harm. */
export const RECORD_USE = `
UPDATE layer SET last_used_on = ? WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND last_used_on < ?`;

/** Parameters: the name, and the first and the last version. */
const CURRENT_OF_NAME = 'WHERE name = ? AND engine_version BETWEEN ? AND ? ORDER BY engine_version DESC LIMIT 1';

/** The latest analysis has the highest id. The addition makes PostgreSQL use the index on names, not on ids. */
const LAST_OF_NAME = 'WHERE name = ? ORDER BY id + 0 DESC LIMIT 1';

const COUNT_OUTDATED = `
SELECT count(*) AS count FROM (
  SELECT 1 FROM layer GROUP BY name HAVING max(CASE WHEN engine_version BETWEEN ? AND ? THEN 1 ELSE 0 END) = 0
) AS outdated`;

/** The packed contents of a layer itself; {@link contentsValues} returns the values. */
export const CONTENTS: InsertTarget = {
  table: 'layer_contents',
  columns: ['digest', 'engine_version', 'contents'],
  skipExisting: true,
};

const BLOBS: InsertTarget = { table: 'blob', columns: ['digest', 'diff_id'], skipExisting: true };

/** The columns of a layer, without its id; {@link layerValues} returns the values. */
export const LAYERS: InsertTarget = {
  table: 'layer',
  columns: [
    'name',
    'engine_version',
    'digest',
    'parent',
    'depth',
    'namespace',
    'distribution',
    'content_sets',
    'diagnostics',
    'created_at',
  ],
};

/** The packages that layers add and remove. */
export const LAYER_CHANGES: InsertTarget = {
  table: 'layer_feature',
  columns: ['layer', 'feature', 'path', 'change', 'origin_depth'],
};

const OWNERS: InsertTarget = { table: 'feature_owner', columns: ['layer', 'feature', 'path', 'owner'] };

const INSERT_LAYER = `
INSERT INTO layer (${LAYERS.columns.join(', ')}) VALUES (${LAYERS.columns.map(() => '?').join(', ')}) RETURNING id`;

type StoredContents = Pick<NewLayer, 'digest' | 'engineVersion' | 'contents'>;

/** Returns the values of the row of layer contents. */
export function contentsValues({ digest, engineVersion, contents }: StoredContents): SqlValue[] {
  return [digest, engineVersion, contents];
}

/** Returns the values of a layer, given the id of its parent, its depth, and the time in milliseconds since 1970. */
export function layerValues(
  layer: Omit<NewLayer, 'parent' | 'changes' | 'owners' | 'programs' | 'statements' | 'filesRevision' | 'contents'>,
  { parent, depth, at }: { readonly parent: number | null; readonly depth: number; readonly at: number },
): SqlValue[] {
  const { name, engineVersion, digest, distribution, contentSets, diagnostics } = layer;
  return [
    name,
    engineVersion,
    digest,
    parent,
    depth,
    distribution?.namespace ?? null,
    distribution === null ? null : JSON.stringify(distribution),
    JSON.stringify(contentSets),
    JSON.stringify(diagnostics),
    at,
  ];
}

async function insertLayer(queries: TransactionQueries, layer: NewLayer, createdAt: number): Promise<Layer> {
  const present = await queries.get<LayerRow>(`${SELECT_LAYER} WHERE name = ? AND engine_version = ?`, [
    layer.name,
    layer.engineVersion,
  ]);
  if (present !== undefined) return layerOfRow(present);

  if ((await readFilesRevision(queries)) !== (layer.filesRevision ?? 0)) throw new FilesChanged();
  const parent = layer.parent?.id ?? null;
  if (parent !== null && (await queries.get('SELECT 1 FROM layer WHERE id = ?', [parent])) === undefined) {
    throw new ClairError('layer/parent-unknown', `the parent of layer ${layer.name} was removed in the meantime`);
  }
  const depth = layer.parent === null ? 0 : layer.parent.depth + 1;
  await insertContents(queries, layer);
  const values = layerValues(layer, { parent, depth, at: createdAt });
  const inserted = await queries.get<{ id: number }>(INSERT_LAYER, values);
  if (inserted === undefined) throw new Error('an insert returned no id');
  await insertChanges(queries, inserted.id, layer);
  await insertPrograms(queries, inserted.id, layer.programs);
  await insertStatements(queries, inserted.id, layer.statements);
  return {
    id: inserted.id,
    name: layer.name,
    engineVersion: layer.engineVersion,
    digest: layer.digest,
    parent,
    depth,
    distribution: layer.distribution,
    contentSets: layer.contentSets,
    diagnostics: layer.diagnostics,
  };
}

/** Stores changes. Owners are installed at the layer, so their rows already exist or are among the changes. */
async function insertChanges(queries: TransactionQueries, id: number, { changes, owners }: NewLayer): Promise<void> {
  const owning = owners.flatMap(({ owner }) => owner ?? []);
  const features = await ensureFeatures(queries, [...changes, ...owners, ...owning]);
  await queries.insertMany(
    LAYER_CHANGES,
    changes.map(({ path, change, originDepth }, at) => [id, features[at] ?? null, path, change, originDepth]),
  );
  let next = changes.length + owners.length;
  await queries.insertMany(
    OWNERS,
    owners.map(({ path, owner }, at) => {
      const owned = features[changes.length + at] ?? null;
      return [id, owned, path, owner === null ? null : (features[next++] ?? null)];
    }),
  );
}

async function insertContents(queries: Queries, of: StoredContents): Promise<void> {
  if ((await queries.get(HAS_CONTENTS, [of.digest, of.engineVersion])) !== undefined) return;
  await queries.insertMany(CONTENTS, [contentsValues(of)]);
}

/** Removes layers one at a time, topmost first: SQLite limits cascading deletions (sqlite.org/limits.html). */
async function removeLayers(queries: Queries, name: string): Promise<number> {
  const rows = await queries.all<{ id: number }>(SELECT_DESCENDANTS, [name]);
  for (const [index, { id }] of rows.entries()) {
    await queries.run('DELETE FROM layer WHERE id = ?', [id]);
    if ((index + 1) % LAYERS_PER_TURN === 0) await setImmediate();
  }
  // The images with these layers were removed too.
  if (rows.length > 0) await raiseRevision(queries, 'images');
  return rows.length;
}

function found(row: LayerRow | undefined): Layer | undefined {
  return row && layerOfRow(row);
}

type ChangeRow = FeatureRow & {
  readonly namespace: string;
  readonly judged_by: string;
  readonly path: string;
  readonly origin_depth: number;
  readonly change: 1 | -1;
};

function changeOfRow(row: ChangeRow): FeatureChange {
  const { namespace, judged_by: judgedBy, path, origin_depth: originDepth, change } = row;
  return { feature: featureOfRow(row), namespace, ...(judgedBy !== '' && { judgedBy }), path, originDepth, change };
}
