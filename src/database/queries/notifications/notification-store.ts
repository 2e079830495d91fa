import type { Notification, NotificationKind, NotificationState } from '../../../model/notification.ts';
import type { Engine, InsertTarget, Queries } from '../../engines/engine.ts';
import type { DeliveryPosition, NotificationStore } from '../../contracts/notifications.ts';
import { partsOf, rowPages } from '../row-pages.ts';
import { writeUpdateEffects } from './update-effects.ts';

/** Stores notifications and their delivery queue. */
export function createNotificationStore({ read, transaction, clock }: Engine): NotificationStore {
  return {
    async cursor() {
      const known = await read.get<CursorRow>(SELECT_CURSOR);
      if (known !== undefined) return Number(known.value);
      return await transaction(async (queries) => {
        await queries.run(START_CURSOR);
        return Number((await queries.get<CursorRow>(SELECT_CURSOR))?.value);
      });
    },
    async advance({ from, to, notifications, updates }) {
      return await transaction(async (queries) => {
        if ((await queries.run(MOVE_CURSOR, [String(to), String(from)])) === 0) return false;
        await queries.insertMany(
          NOTIFICATIONS,
          notifications.map(({ name, change, kind, createdAt }) => [name, change, kind, createdAt, 0, createdAt]),
        );
        for (const each of updates?.effects ?? []) await writeUpdateEffects(queries, each, updates?.isSummary === true);
        return true;
      });
    },
    async claim({ owner, lease, limit, failedFirst = false }) {
      const claimed = await transaction(
        async (queries) => {
          const now = await clock.ask(queries);
          const statement = failedFirst ? CLAIM_FAILED_FIRST : CLAIM;
          return await queries.all<{ id: number }>(statement, [owner, now + lease, now, now, limit]);
        },
        { alone: 'claim of notifications' },
      );
      if (claimed.length === 0) return [];
      const rows = await read.all<NotificationRow>(SELECT_CLAIMED, [JSON.stringify(claimed.map(({ id }) => id))]);
      return rows.map(notificationOfRow);
    },
    async recordDelivery(id, { at, dueAt, channels }) {
      const readAt = dueAt === null ? at : null;
      const values = [at, JSON.stringify(channels), readAt, readAt, dueAt, id];
      await transaction((queries) => queries.run(RECORD_DELIVERY, values));
    },
    async recordFailure(id, { owner, at, error, dueAt }) {
      const deadAt = dueAt === null ? at : null;
      await transaction((queries) => queries.run(RECORD_FAILURE, [error, error, at, dueAt, deadAt, id, owner]));
    },
    async release(id, { owner, at }) {
      await transaction((queries) => queries.run(RELEASE, [at, id, owner]));
    },
    async nextDue() {
      return (await read.get<{ due_at: number }>(SELECT_NEXT_DUE))?.due_at;
    },
    async find(name) {
      const row = await read.get<NotificationRow>(`${SELECT_NOTIFICATIONS} AND notification.name = ?`, [name]);
      return row && notificationOfRow(row);
    },
    async markRead(name, at) {
      return (await transaction((queries) => queries.run(MARK_READ, [at, name]))) > 0;
    },
    async list(state, { after, limit }) {
      const rows = await read.all<NotificationRow>(
        `${SELECT_NOTIFICATIONS} AND ${IN_STATE[state]} AND notification.id > ? ORDER BY notification.id LIMIT ?`,
        [after, limit],
      );
      return rows.map(notificationOfRow);
    },
    async history({ before: { notifiedAt, id } = END_OF_HISTORY, limit }) {
      const rows = await read.all<NotificationRow>(SELECT_HISTORY, [notifiedAt, id, limit]);
      return rows.map(notificationOfRow);
    },
    async count() {
      return {
        waiting: await countIn('waiting', read),
        delivered: await countIn('delivered', read),
        dead: await countIn('dead', read),
      };
    },
    async retry(names, at) {
      const retried: string[] = [];
      const turns = names === 'all' ? deadTurns(read) : partsOf(names, RETRIED_PER_TURN);
      for await (const turn of turns) {
        const rows = await transaction((queries) => queries.all<NamedRow>(RETRY, [at, JSON.stringify(turn)]));
        const inOrder = rows.toSorted((one, other) => one.id - other.id);
        retried.push(...inOrder.map(({ name }) => name));
      }
      return retried;
    },
  };
}

/** Yields the names of dead notifications in the order of their ids, in one list per transaction. */
async function* deadTurns(read: Queries): AsyncGenerator<readonly string[]> {
  const pages = rowPages<NamedRow>((last, limit) => read.all(SELECT_DEAD, [last?.id ?? 0, limit]), RETRIED_PER_TURN);
  for await (const page of pages) yield page.map(({ name }) => name);
}

type NamedRow = { readonly id: number; readonly name: string };

type CursorRow = { readonly value: string };

type NotificationRow = {
  readonly id: number;
  readonly name: string;
  readonly kind: NotificationKind;
  readonly change: number;
  readonly feed: string;
  readonly vulnerability: string;
  readonly created_at: number;
  readonly notified_at: number | null;
  readonly read_at: number | null;
  readonly dead_at: number | null;
  readonly attempts: number;
  readonly error: string | null;
  readonly due_at: number | null;
  readonly channels: string;
  readonly deliveries: number;
  readonly total_attempts: number;
  readonly failed_at: number | null;
  readonly failure: string | null;
};

async function countIn(state: NotificationState, read: Queries): Promise<number> {
  const row = await read.get<{ count: number }>(`SELECT COUNT(*) AS count FROM notification WHERE ${IN_STATE[state]}`);
  return row?.count ?? 0;
}

/** The statement repeats the condition, because a notification may be read between the search and the update. */
function claimInOrder(order: string): string {
  return `
UPDATE notification SET claimed_by = ?, due_at = ?
WHERE due_at <= ? AND id IN (SELECT id FROM notification WHERE due_at <= ? ORDER BY ${order} LIMIT ?)
RETURNING id`;
}

function notificationOfRow(row: NotificationRow): Notification {
  const { created_at, notified_at, read_at, dead_at, due_at, channels, total_attempts, failed_at, failure, ...rest } =
    row;
  return {
    ...rest,
    createdAt: created_at,
    notifiedAt: notified_at,
    readAt: read_at,
    deadAt: dead_at,
    dueAt: due_at,
    channels: JSON.parse(channels),
    totalAttempts: total_attempts,
    lastFailure: failure === null ? null : { at: failed_at, reason: failure },
  };
}

/** A notification that is in none of these states has been read. */
const IN_STATE: Readonly<Record<NotificationState, string>> = {
  waiting: 'notification.due_at IS NOT NULL AND notification.notified_at IS NULL',
  delivered: 'notification.due_at IS NOT NULL AND notification.notified_at IS NOT NULL',
  dead: 'notification.dead_at IS NOT NULL',
};

const NOTIFICATIONS: InsertTarget = {
  table: 'notification',
  columns: ['name', 'change', 'kind', 'created_at', 'attempts', 'due_at'],
};

/** Selects the id of the last change that the notifier has read, as text. */
export const SELECT_CURSOR = "SELECT value FROM flag WHERE name = 'notifier/cursor'";

const START_CURSOR = `
INSERT INTO flag (name, value)
SELECT 'notifier/cursor', CAST(COALESCE(MAX(id), 0) AS TEXT) FROM change_log WHERE true
ON CONFLICT (name) DO NOTHING`;

const MOVE_CURSOR = "UPDATE flag SET value = ? WHERE name = 'notifier/cursor' AND value = ?";

const NOTIFICATION_COLUMNS = `
  notification.id, notification.name, notification.kind, notification.change, change_log.feed,
  change_log.name AS vulnerability, notification.created_at, notification.notified_at, notification.read_at,
  notification.dead_at, notification.attempts, notification.error, notification.due_at, notification.channels,
  notification.deliveries, notification.total_attempts, notification.failed_at, notification.failure`;

const SELECT_NOTIFICATIONS = `
SELECT ${NOTIFICATION_COLUMNS}
FROM notification CROSS JOIN change_log
WHERE change_log.id = notification.change`;

export const SELECT_HISTORY: string = `${SELECT_NOTIFICATIONS}
  AND notification.notified_at IS NOT NULL
  AND notification.dead_at IS NULL
  AND (notification.notified_at, notification.id) < (?, ?)
ORDER BY notification.notified_at DESC, notification.id DESC
LIMIT ?`;

/** A position that sorts after every possible delivery. */
const END_OF_HISTORY: DeliveryPosition = { notifiedAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

/** Starts from the ids, because PostgreSQL joins in the written order and would otherwise read all notifications. */
const SELECT_CLAIMED = `
SELECT ${NOTIFICATION_COLUMNS}
FROM json_each(?) AS wanted CROSS JOIN notification CROSS JOIN change_log
WHERE notification.id = CAST(wanted.value AS BIGINT) AND change_log.id = notification.change
ORDER BY notification.id`;

const SELECT_NEXT_DUE = 'SELECT due_at FROM notification WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1';

export const CLAIM: string = claimInOrder('due_at');

/** The statement reads all due notifications, so use it only with small limits. */
const CLAIM_FAILED_FIRST = claimInOrder('attempts DESC, due_at');

/** Records a delivery even if another owner has leased the notification since. A read notification stays read. */
const RECORD_DELIVERY = `
UPDATE notification SET
  notified_at = ?, channels = ?, deliveries = deliveries + 1, total_attempts = total_attempts + 1,
  read_at = COALESCE(read_at, ?), attempts = 0, error = NULL, dead_at = NULL, claimed_by = NULL,
  due_at = CASE WHEN COALESCE(read_at, ?) IS NULL THEN CAST(? AS BIGINT) END
WHERE id = ?`;

const RECORD_FAILURE = `
UPDATE notification SET
  attempts = attempts + 1, total_attempts = total_attempts + 1, error = ?, failure = ?, failed_at = ?, due_at = ?, dead_at = ?, claimed_by = NULL
WHERE id = ? AND claimed_by = ? AND read_at IS NULL`;

const RELEASE =
  'UPDATE notification SET due_at = ?, claimed_by = NULL WHERE id = ? AND claimed_by = ? AND read_at IS NULL';

const MARK_READ = `
UPDATE notification SET read_at = COALESCE(read_at, ?), due_at = NULL, dead_at = NULL, claimed_by = NULL
WHERE name = ?`;

const SELECT_DEAD = 'SELECT id, name FROM notification WHERE dead_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?';

/** The number of notifications that one transaction retries; the transaction takes milliseconds. */
const RETRIED_PER_TURN = 500;

export const RETRY = `
UPDATE notification SET dead_at = NULL, attempts = 0, due_at = ?
WHERE dead_at IS NOT NULL AND name IN (SELECT value FROM json_each(?))
RETURNING id, name`;
