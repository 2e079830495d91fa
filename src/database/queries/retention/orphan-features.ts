import { setImmediate } from 'node:timers/promises';
import type { Queries } from '../../engines/engine.ts';
import type { RetentionPlan } from '../../contracts/retention.ts';
import { partsOf, rowPages } from '../row-pages.ts';
import { addUses, hasNoOther, IDS_PER_STATEMENT, type LostUses, type Uses, usesOfLayers } from './lost-uses.ts';

/**
 * Returns the features that no layer adds or removes, the version lines without features and vulnerabilities, and the
 * namespaces without version lines.
 *
 * @param layers the layers that will be removed, which are not counted
 */
export async function orphanFeatures(
  queries: Queries,
  layers: RetentionPlan['layer'],
): Promise<Pick<RetentionPlan, 'feature' | 'line' | 'namespace'>> {
  const features = await orphansOf(queries, await usesOfLayers(queries, layers, COUNT_FEATURES_OF_LAYERS));
  const lines = await orphanLines(queries, features);
  return {
    feature: features.map(({ id }) => id),
    line: lines.map(({ id }) => id),
    namespace: await orphanNamespaces(queries, lines),
  };
}

type FeatureRow = { readonly id: number; readonly line: number; readonly used: 0 | 1 };

async function orphansOf(queries: Queries, lost: LostUses): Promise<readonly FeatureRow[]> {
  const orphans: FeatureRow[] = [];
  const pages = rowPages<FeatureRow>((last, limit) => queries.all(SELECT_FEATURES_IN_USE, [last?.id ?? 0, limit]));
  for await (const page of pages) {
    for (const row of page) {
      const uses = lost.get(row.id) ?? 0;
      const isOrphan = uses === 0 ? row.used === 0 : await hasNoOther(queries, COUNT_FEATURE_USES, row.id, uses);
      if (isOrphan) orphans.push(row);
    }
  }
  return orphans;
}

type LineRow = { readonly id: number; readonly namespace: number; readonly uses: number | null };

/**
 * Returns the version lines that no vulnerability affects and no remaining feature uses. A feature uses its own version
 * line and the version lines of its points.
 */
async function orphanLines(queries: Queries, features: readonly FeatureRow[]): Promise<readonly LineRow[]> {
  const lost: LostUses = new Map();
  for (const part of partsOf(features, IDS_PER_STATEMENT)) {
    addUses(
      lost,
      part.map(({ line }) => ({ id: line, count: 1 })),
    );
    addUses(lost, await queries.all<Uses>(COUNT_LINES_OF_FEATURES, [JSON.stringify(part.map(({ id }) => id))]));
    await setImmediate();
  }
  const orphans: LineRow[] = [];
  const pages = rowPages<LineRow>((last, limit) => queries.all(SELECT_LINES_IN_USE, [last?.id ?? 0, limit]));
  for await (const page of pages) {
    orphans.push(...page.filter(({ id, uses }) => uses !== null && uses === (lost.get(id) ?? 0)));
  }
  return orphans;
}

async function orphanNamespaces(queries: Queries, lines: readonly LineRow[]): Promise<readonly number[]> {
  const lost: LostUses = new Map();
  addUses(
    lost,
    lines.map(({ namespace }) => ({ id: namespace, count: 1 })),
  );
  const orphans: number[] = [];
  for (const { id } of await queries.all<{ id: number }>('SELECT id FROM namespace ORDER BY id')) {
    if (await hasNoOther(queries, COUNT_NAMESPACE_USES, id, lost.get(id) ?? 0)) orphans.push(id);
  }
  return orphans;
}

export const COUNT_FEATURES_OF_LAYERS = `
SELECT feature AS id, COUNT(*) AS count FROM layer_feature
WHERE layer IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
GROUP BY feature`;

export const SELECT_FEATURES_IN_USE = `
SELECT id, line,
  CASE WHEN (SELECT 1 FROM layer_feature WHERE layer_feature.feature = feature.id LIMIT 1) IS NULL THEN 0 ELSE 1 END AS used
FROM feature
WHERE id > ?
ORDER BY id
LIMIT ?`;

export const COUNT_FEATURE_USES = `
SELECT COUNT(*) AS count FROM (SELECT 1 FROM layer_feature WHERE feature = ? LIMIT ?) AS found`;

export const COUNT_LINES_OF_FEATURES = `
SELECT line AS id, COUNT(*) AS count FROM feature_point
WHERE feature IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
GROUP BY line`;

/** Counts the uses of version lines by features; the count is NULL if a vulnerability affects the version line. */
export const SELECT_LINES_IN_USE = `
SELECT id, namespace,
  CASE WHEN (SELECT 1 FROM affected WHERE affected.line = line.id LIMIT 1) IS NULL THEN
    (SELECT COUNT(*) FROM feature WHERE feature.line = line.id)
    + (SELECT COUNT(*) FROM feature_point WHERE feature_point.line = line.id)
  END AS uses
FROM line
WHERE id > ?
ORDER BY id
LIMIT ?`;

export const COUNT_NAMESPACE_USES = `
SELECT COUNT(*) AS count FROM (SELECT 1 FROM line WHERE namespace = ? LIMIT ?) AS found`;
