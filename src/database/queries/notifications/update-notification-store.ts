import type {
  EntryPosition,
  UpdateNotification,
  UpdateNotificationStore,
} from '../../contracts/update-notifications.ts';
import type { Engine } from '../../engines/engine.ts';
import { readInTurns } from '../queries-in-turns.ts';
import { SELECT_CURSOR } from './notification-store.ts';
import { removeUnusedTexts } from './update-effects.ts';
import { readEntryPage } from './update-pages.ts';

/** Stores the per-update notifications and their delivery queue. */
export function createUpdateNotificationStore({ read, transaction, clock }: Engine): UpdateNotificationStore {
  const page: UpdateNotificationStore['page'] = async (id, wanted) => {
    const row = await read.get<{ last_image: number }>(SELECT_KEPT, [id]);
    if (row === undefined) return undefined;
    const isKept = async (): Promise<boolean> => (await read.get(SELECT_KEPT, [id])) !== undefined;
    const found = await readEntryPage(readInTurns(read), { id, lastImage: row.last_image, isKept }, wanted);
    // Housekeeping marks a notification as deleted before it removes rows of the notification, so this page is
    // complete.
    return (await isKept()) ? found : undefined;
  };

  return {
    page,
    async read() {
      const cursor = Number((await read.get<{ value: string }>(SELECT_CURSOR))?.value ?? 0);
      const complete: number[] = [];
      for (const { id, feed_update: update } of await read.all<OpenRow>(SELECT_OPEN)) {
        // Without an update, a notification is complete at the end of the log.
        const later =
          update > 0
            ? await read.get(SELECT_LATER_OF_UPDATE, [update, cursor])
            : await read.get(SELECT_LATER, [cursor]);
        if (later === undefined) complete.push(id);
      }
      return complete;
    },
    async hasEntries(id, signal) {
      let after: EntryPosition | undefined;
      do {
        if (signal.aborted) return undefined;
        const found = await page(id, { after, limit: 1 });
        if (found === undefined) return undefined;
        if (found.entries.length > 0) return true;
        after = found.next;
      } while (after !== undefined);
      return false;
    },
    async listWaiting(limit) {
      const rows = await read.all<WaitingRow>(SELECT_WAITING, [limit]);
      return rows.map(({ due_at: dueAt, error, ...row }) => ({ ...notificationOfRow(row), dueAt, error }));
    },
    async waiting() {
      return (await read.get<{ count: number }>(COUNT_WAITING))?.count ?? 0;
    },
    async complete(id, at) {
      await transaction(async (queries) => {
        if ((await queries.run(COMPLETE, [at, at, id])) > 0) await removeUnusedTexts(queries, id);
      });
    },
    async discard(id) {
      await transaction((queries) => queries.run(DISCARD, [id]));
    },
    async find(name) {
      const row = await read.get<NotificationRow>(`${SELECT} AND name = ?`, [name]);
      return row && notificationOfRow(row);
    },
    async remove(name, at) {
      return (await transaction((queries) => queries.run(REMOVE, [at, name]))) > 0;
    },
    async claim({ owner, lease, limit }) {
      const rows = await transaction(
        async (queries) => {
          const now = await clock.ask(queries);
          return await queries.all<NotificationRow>(CLAIM, [owner, now + lease, now, now, limit]);
        },
        { alone: 'claim of update notifications' },
      );
      return rows.map(notificationOfRow);
    },
    async nextDue() {
      return (await read.get<{ due_at: number }>(SELECT_NEXT_DUE))?.due_at;
    },
    async recordDelivery(id, at) {
      await transaction((queries) => queries.run(RECORD_DELIVERY, [at, id]));
    },
    async recordFailure(id, { owner, error, dueAt }) {
      await transaction((queries) => queries.run(RECORD_FAILURE, [error, dueAt, id, owner]));
    },
    async release(id, { owner, at }) {
      await transaction((queries) => queries.run(RELEASE, [at, id, owner]));
    },
  };
}

type OpenRow = { readonly id: number; readonly feed_update: number };

type NotificationRow = {
  readonly id: number;
  readonly name: string;
  readonly feed: string;
  readonly created_at: number;
  readonly notified_at: number | null;
  readonly deleted_at: number | null;
  readonly attempts: number;
};

type WaitingRow = NotificationRow & { readonly due_at: number; readonly error: string | null };

function notificationOfRow(row: NotificationRow): UpdateNotification {
  const { created_at: createdAt, notified_at: notifiedAt, deleted_at: deletedAt, ...rest } = row;
  return { ...rest, createdAt, notifiedAt, deletedAt };
}

const COLUMNS = 'id, name, feed, created_at, notified_at, deleted_at, attempts';

const SELECT = `SELECT ${COLUMNS} FROM update_notification WHERE completed_at IS NOT NULL`;

const SELECT_KEPT = 'SELECT last_image FROM update_notification WHERE id = ? AND deleted_at IS NULL';

const SELECT_WAITING = `
SELECT ${COLUMNS}, error, due_at FROM update_notification WHERE due_at IS NOT NULL ORDER BY due_at, id LIMIT ?`;

const SELECT_OPEN = `
SELECT id, feed_update FROM update_notification WHERE completed_at IS NULL AND deleted_at IS NULL ORDER BY id`;

const SELECT_LATER_OF_UPDATE = 'SELECT id FROM change_log WHERE feed_update = ? AND id > ? ORDER BY id LIMIT 1';

const SELECT_LATER = 'SELECT id FROM change_log WHERE id > ? ORDER BY id LIMIT 1';

const COMPLETE = `
UPDATE update_notification SET completed_at = ?, due_at = CAST(? AS BIGINT)
WHERE id = ? AND completed_at IS NULL AND deleted_at IS NULL`;

const DISCARD = 'DELETE FROM update_notification WHERE id = ? AND completed_at IS NULL';

const REMOVE = `
UPDATE update_notification SET deleted_at = COALESCE(deleted_at, ?), due_at = NULL, claimed_by = NULL
WHERE name = ? AND completed_at IS NOT NULL`;

/**
 * The statement repeats the condition, because a client may delete a notification between the search and the update.
 */
const CLAIM = `
UPDATE update_notification SET claimed_by = ?, due_at = ?
WHERE due_at <= ? AND id IN (SELECT id FROM update_notification WHERE due_at <= ? ORDER BY due_at LIMIT ?)
RETURNING ${COLUMNS}`;

const COUNT_WAITING = 'SELECT COUNT(*) AS count FROM update_notification WHERE due_at IS NOT NULL';

const SELECT_NEXT_DUE = 'SELECT due_at FROM update_notification WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1';

const RECORD_DELIVERY = `
UPDATE update_notification SET notified_at = ?, attempts = 0, error = NULL, due_at = NULL, claimed_by = NULL WHERE id = ?`;

const RECORD_FAILURE = `
UPDATE update_notification SET attempts = attempts + 1, error = ?, due_at = ?, claimed_by = NULL
WHERE id = ? AND claimed_by = ? AND deleted_at IS NULL`;

const RELEASE =
  'UPDATE update_notification SET due_at = ?, claimed_by = NULL WHERE id = ? AND claimed_by = ? AND deleted_at IS NULL';
