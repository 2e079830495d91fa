import { FILE_RULE_FEED, FILES } from '../../../model/advisories/file-rule.ts';
import { UNHASHED_STATE, UNKNOWN_STATE } from '../../../model/advisories/watched-file.ts';
import type { TransactionQueries } from '../../engines/engine.ts';

/** The number of points that are removed in one transaction. */
const POINTS_PER_STEP = 1000;

/**
 * Removes points of one file without a rule, or the file if no points remain. Keeps the points while the change log
 * contains the deletion of a rule since the file became unused, because notifications and the changes of images need
 * the points. Returns whether rows were removed.
 */
export async function removeUnusedFiles(queries: TransactionQueries): Promise<boolean> {
  const file = await queries.get<UnusedRow>(SELECT_UNUSED, [FILE_RULE_FEED]);
  if (file === undefined) return false;
  const { id, name, state, is_name_used: isNameUsed } = file;
  const points = await queries.all<PointRow>(SELECT_POINTS, [
    FILES,
    name,
    state,
    ...(isNameUsed === 1 ? [state, state] : [UNKNOWN_STATE, UNHASHED_STATE]),
    POINTS_PER_STEP,
  ]);
  if (points.length === 0) await queries.run('DELETE FROM watched_file WHERE id = ?', [id]);
  else {
    const key = ['layer', 'feature', 'path'];
    await queries.deleteMany(
      { table: 'layer_feature', key },
      points.map(({ layer, feature, path }) => [layer, feature, path]),
    );
  }
  return true;
}

type UnusedRow = {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  /** Whether a rule about the other state of the file exists; such a rule needs the points of unknown states. */
  readonly is_name_used: 0 | 1;
};

type PointRow = { readonly layer: number; readonly feature: number; readonly path: string };

/** The file with the lowest id whose points can be removed. Parameter: the feed of file rules. */
export const SELECT_UNUSED: string = `
SELECT id, name, state,
  CASE WHEN EXISTS (
    SELECT 1 FROM watched_file AS other WHERE other.name = watched_file.name AND other.unused_at IS NULL
  ) THEN 1 ELSE 0 END AS is_name_used
FROM watched_file
WHERE unused_at IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM change_log
    WHERE change_log.feed = ? AND change_log.before IS NOT NULL AND change_log.at >= watched_file.unused_at
  )
ORDER BY id
LIMIT 1`;

/**
 * The `layer_feature` rows for the points of one watched file in up to three states. Parameters: the namespace, the
 * name of the file, the three states, and the limit.
 */
const SELECT_POINTS = `
SELECT layer_feature.layer, layer_feature.feature, layer_feature.path
FROM namespace CROSS JOIN line CROSS JOIN feature CROSS JOIN layer_feature
WHERE namespace.name = ?
  AND line.namespace = namespace.id
  AND line.name = ?
  AND feature.line = line.id
  AND feature.version IN (?, ?, ?)
  AND layer_feature.feature = feature.id
LIMIT ?`;
