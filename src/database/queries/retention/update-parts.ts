import { setImmediate } from 'node:timers/promises';
import type { RetentionBounds } from '../../contracts/retention.ts';
import type { Engine } from '../../engines/engine.ts';

/** The parts of an engine that are needed to remove rows in several transactions. */
export type PartsEngine = Pick<Engine, 'transaction' | 'clock'>;

/**
 * Removes the effects and texts of old per-update notifications. One notification may have a hundred thousand rows, so
 * each transaction removes the rows of at most 500 features or changes. The notifications are marked as deleted first,
 * so that no client reads a page of the remaining rows.
 *
 * @param rows the ids of the notifications, as a JSON list
 * @throws the abort reason of the signal; the next run removes the remaining rows
 */
export async function removeUpdateParts(
  { transaction, clock }: PartsEngine,
  rows: string,
  { notifications = 0 }: RetentionBounds,
  signal?: AbortSignal,
): Promise<void> {
  const old = await transaction(async (queries) => {
    await queries.run(MARK_UPDATES, [await clock.ask(queries), rows, notifications]);
    return await queries.all<{ id: number }>(SELECT_OLD_UPDATES, [rows, notifications]);
  });
  for (const { id } of old) {
    for (const statement of [DELETE_EFFECTS, DELETE_TEXTS]) {
      for (let removed = 1; removed > 0; ) {
        signal?.throwIfAborted();
        removed = await transaction((queries) => queries.run(statement, [id, id]));
        await setImmediate();
      }
    }
  }
}

const OLD_UPDATES = `
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND created_at < ?`;

const MARK_UPDATES = `
UPDATE update_notification SET deleted_at = COALESCE(deleted_at, ?), due_at = NULL, claimed_by = NULL ${OLD_UPDATES}`;

const SELECT_OLD_UPDATES = `SELECT id FROM update_notification ${OLD_UPDATES} ORDER BY id`;

export const DELETE_UPDATES: string = `DELETE FROM update_notification ${OLD_UPDATES}`;

const DELETE_EFFECTS = `
DELETE FROM update_notification_feature
WHERE notification = ? AND feature IN (
  SELECT feature FROM update_notification_feature WHERE notification = ? ORDER BY feature LIMIT 500
)`;

const DELETE_TEXTS = `
DELETE FROM update_notification_change
WHERE notification = ? AND change IN (
  SELECT change FROM update_notification_change WHERE notification = ? ORDER BY change LIMIT 500
)`;
