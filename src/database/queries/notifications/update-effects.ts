import { severityRank } from '../../../model/severity.ts';
import type { FeatureEffect, UpdateEffects } from '../../contracts/update-notifications.ts';
import type { InsertTarget, Queries } from '../../engines/engine.ts';
import { createTurns } from '../../../threads/turns.ts';
import { partsOf, rowPages } from '../row-pages.ts';
import { featurePages } from './update-features.ts';

/** The number of effects per statement; a statement takes some milliseconds. */
const EFFECTS_PER_STATEMENT = 1000;

/**
 * Writes the effects of changes, in the transaction that moves the cursor.
 *
 * @param isSummary whether to keep only the most severe change for each feature, reason and product
 */
export async function writeUpdateEffects(
  queries: Queries,
  { name, feed, update, createdAt, changes, features }: UpdateEffects,
  isSummary: boolean,
): Promise<void> {
  await queries.run(INSERT_NOTIFICATION, [name, feed, update, createdAt]);
  const row = await queries.get<{ id: number }>(SELECT_NOTIFICATION, [feed, update]);
  if (row === undefined) throw new Error('an insert wrote no notification');
  const { id } = row;
  await queries.insertMany(
    CHANGES,
    changes.map(({ change, name: of, description, links }) => [id, change, of, description, links]),
  );
  const turns = createTurns();
  for (const part of partsOf(mostSevere(features, isSummary), EFFECTS_PER_STATEMENT)) {
    const rows = part.map((each) => [
      each.feature,
      each.reason,
      each.cpe,
      JSON.stringify(each.unless),
      isSummary ? 0 : each.change,
      each.change,
      severityRank(each.severity),
      each.namespace,
      each.package,
      each.fixed,
    ]);
    await queries.run(UPSERT_FEATURES, [id, JSON.stringify(rows)]);
    if (turns.areDue()) await turns.take();
  }
}

/** Removes the texts of changes without stored effects, such as changes that a more severe change has replaced. */
export async function removeUnusedTexts(queries: Queries, notification: number): Promise<void> {
  const unused = new Set<number>();
  const changes = rowPages<{ readonly change: number }>((last, limit) =>
    queries.all(SELECT_CHANGES, [notification, last?.change ?? 0, limit]),
  );
  for await (const page of changes) for (const { change } of page) unused.add(change);
  for await (const page of featurePages(queries, notification)) {
    const used = await queries.all<{ change: number }>(SELECT_USED, [notification, page.first, page.last]);
    for (const { change } of used) unused.delete(change);
  }
  const keys = [...unused].map((change) => [notification, change]);
  await queries.deleteMany({ table: 'update_notification_change', key: ['notification', 'change'] }, keys);
}

/** Returns the effects to write, at most one per row, because a statement can write each row only once. */
function mostSevere(features: readonly FeatureEffect[], isSummary: boolean): readonly FeatureEffect[] {
  const best = new Map<string, FeatureEffect>();
  for (const each of features) {
    const { feature, reason, cpe, unless, change } = each;
    const key = [feature, reason, isSummary ? 0 : change, cpe, ...unless].join('\n');
    const known = best.get(key);
    if (known === undefined || severityRank(each.severity) > severityRank(known.severity)) best.set(key, each);
  }
  return [...best.values()];
}

const INSERT_NOTIFICATION = `
INSERT INTO update_notification (name, feed, feed_update, created_at, last_image)
SELECT CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), COALESCE((SELECT MAX(id) FROM image), 0)
WHERE true
ON CONFLICT (feed, feed_update) DO NOTHING`;

const SELECT_NOTIFICATION = 'SELECT id FROM update_notification WHERE feed = ? AND feed_update = ?';

const SELECT_CHANGES = `
SELECT change FROM update_notification_change WHERE notification = ? AND change > ? ORDER BY change LIMIT ?`;

const SELECT_USED = `
SELECT DISTINCT change FROM update_notification_feature WHERE notification = ? AND feature BETWEEN ? AND ?`;

const CHANGES: InsertTarget = {
  table: 'update_notification_change',
  columns: ['notification', 'change', 'name', 'description', 'links'],
};

/**
 * Parameters: the notification, and rows as JSON. Skips features that housekeeping has removed since, and replaces a
 * less severe change.
 */
const UPSERT_FEATURES = `
INSERT INTO update_notification_feature
  (notification, feature, reason, cpe, unless, slot, change, severity, namespace, package, fixed)
SELECT
  CAST(? AS BIGINT), feature.id, item.value ->> 1, item.value ->> 2, item.value ->> 3,
  CAST(item.value ->> 4 AS BIGINT), CAST(item.value ->> 5 AS BIGINT), CAST(item.value ->> 6 AS INTEGER),
  item.value ->> 7, item.value ->> 8, item.value ->> 9
FROM json_each(?) AS item CROSS JOIN feature
WHERE feature.id = CAST(item.value ->> 0 AS BIGINT)
ON CONFLICT (notification, feature, reason, cpe, unless, slot) DO UPDATE SET
  change = excluded.change, severity = excluded.severity, namespace = excluded.namespace,
  package = excluded.package, fixed = excluded.fixed
WHERE excluded.severity > update_notification_feature.severity`;
