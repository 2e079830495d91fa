import type { FileSearch, SearchableLayer, SearchedLayers } from '../../contracts/file-rules.ts';
import type { Queries, TransactionQueries } from '../../engines/engine.ts';
import { ensureFeatures } from '../layers/feature-rows.ts';
import { LAYER_CHANGES } from '../layers/layer-store.ts';

/** The number of layers that are searched in one step. */
const LAYERS_PER_STEP = 100;

/**
 * Returns the search with the highest position, and its next layers. The files of rules that are created during a
 * search are left for a later search, so that new rules never delay a running search.
 */
export async function nextSearch(queries: Queries): Promise<FileSearch | undefined> {
  const files = await queries.all<FileRow>(SELECT_FILES);
  const [first] = files;
  if (first === undefined) return undefined;
  const { position } = first;
  const until = Math.max(...files.map((file) => file.until));
  const layers = await queries.all<LayerRow>(SELECT_LAYERS, [position, until, LAYERS_PER_STEP]);
  return {
    files: files.map(({ id, name, state }) => ({ id, name, state })),
    position,
    until,
    layers: layers.map(layerOfRow),
  };
}

/**
 * Stores the points of a step. A repeated step writes the same rows, because the points of a layer depend only on its
 * contents.
 */
export async function advanceSearch(
  queries: TransactionQueries,
  { files, from, position, layers }: SearchedLayers,
): Promise<void> {
  const wanted = layers.filter(({ changes }) => changes.length > 0);
  const ids = JSON.stringify(wanted.map(({ id }) => id));
  const present = await queries.all<{ id: number; created_at: number }>(SELECT_PRESENT, [ids]);
  const createdAt = new Map(present.map(({ id, created_at: at }) => [id, at]));
  const rows = wanted.flatMap(({ id: layer, createdAt: at, changes }) => {
    return createdAt.get(layer) === at ? changes.map((change) => ({ layer, change })) : [];
  });
  const features = await ensureFeatures(
    queries,
    rows.map(({ change }) => change),
  );
  await queries.insertMany(
    { ...LAYER_CHANGES, skipExisting: true },
    rows.map(({ layer, change }, at) => [layer, features[at] ?? null, change.path, change.change, change.originDepth]),
  );
  // The search for a file may have started again in the meantime.
  const there = new Set((await queries.all<{ id: number }>(SELECT_AT, [from])).map(({ id }) => id));
  await queries.updateMany(
    { table: 'watched_file', key: ['id'], columns: ['position'] },
    files.filter((id) => there.has(id)).map((id) => [id, position]),
  );
}

type FileRow = FileSearch['files'][number] & { readonly position: number; readonly until: number };

type LayerRow = Pick<SearchableLayer, 'id' | 'depth' | 'digest'> & {
  readonly created_at: number;
  readonly engine_version: number;
  readonly parent: number | null;
  readonly parent_created_at: number | null;
};

function layerOfRow({ id, depth, digest, ...row }: LayerRow): SearchableLayer {
  const parent = row.parent === null ? null : { id: row.parent, createdAt: row.parent_created_at ?? 0 };
  return { id, createdAt: row.created_at, parent, depth, digest, engineVersion: row.engine_version };
}

const SELECT_FILES = `
SELECT id, name, state, position, until
FROM watched_file
WHERE unused_at IS NULL
  AND position < until
  AND position = (SELECT MAX(position) FROM watched_file WHERE unused_at IS NULL AND position < until)
ORDER BY id`;

const SELECT_LAYERS = `
SELECT layer.id, layer.created_at, layer.depth, layer.digest, layer.engine_version, layer.parent,
  (SELECT below.created_at FROM layer AS below WHERE below.id = layer.parent) AS parent_created_at
FROM layer
WHERE layer.id > ? AND layer.id <= ?
ORDER BY layer.id
LIMIT ?`;

const SELECT_PRESENT = 'SELECT id, created_at FROM layer WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))';

const SELECT_AT = 'SELECT id FROM watched_file WHERE unused_at IS NULL AND position < until AND position = ?';

/**
 * The number of layers to search for the files of a rule, and the number of layers that have been searched for all its
 * files. Parameter: the name of the rule.
 */
export const SELECT_PROGRESS: string = `
SELECT
  (SELECT COUNT(*) FROM layer WHERE layer.id <= files.position) AS searched,
  (SELECT COUNT(*) FROM layer WHERE layer.id <= files.until) AS layers
FROM (
  SELECT
    MIN(CASE WHEN watched_file.position < watched_file.until THEN watched_file.position ELSE watched_file.until END)
      AS position,
    MAX(watched_file.until) AS until
  FROM file_rule CROSS JOIN file_rule_file CROSS JOIN watched_file
  WHERE file_rule.name = ? AND file_rule_file.rule = file_rule.id AND watched_file.id = file_rule_file.file
) AS files
WHERE files.until IS NOT NULL`;
