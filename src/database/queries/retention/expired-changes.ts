import type { Queries } from '../../engines/engine.ts';
import { SELECT_CURSOR } from '../notifications/notification-store.ts';
import type { RetentionBounds, RetentionPlan } from '../../contracts/retention.ts';
import { rowPages } from '../row-pages.ts';

/** Returns the notifications to remove, and the changes that no remaining notification needs. */
export async function expiredChanges(
  queries: Queries,
  bounds: RetentionBounds,
): Promise<Pick<RetentionPlan, 'notification' | 'change_log'>> {
  const { expired, told } = await readNotifications(queries, bounds);
  return { notification: expired, change_log: await readChanges(queries, bounds, told) };
}

/**
 * Returns the old per-update notifications. Includes notifications that no receiver confirmed, and incomplete
 * notifications, which remain if `notifier.v4` is removed from the configuration.
 */
export async function expiredUpdates(
  queries: Queries,
  { notifications: bound }: RetentionBounds,
): Promise<{ readonly expired: readonly number[]; readonly undelivered: readonly string[] }> {
  const expired: number[] = [];
  const undelivered: string[] = [];
  if (bound === undefined) return { expired, undelivered };
  const pages = rowPages<UpdateRow>((last, limit) => queries.all(SELECT_UPDATES_FROM, [last?.id ?? 0, limit]));
  for await (const page of pages) {
    for (const { id, name, created_at: createdAt, is_waiting: isWaiting } of page) {
      if (createdAt >= bound) continue;
      expired.push(id);
      if (isWaiting === 1) undelivered.push(name);
    }
  }
  return { expired, undelivered };
}

type UpdateRow = {
  readonly id: number;
  readonly name: string;
  readonly created_at: number;
  readonly is_waiting: 0 | 1;
};

type NotificationRow = {
  readonly id: number;
  readonly change: number;
  readonly read_at: number | null;
  readonly dead_at: number | null;
};

/**
 * Returns the expired notifications, and the changes of all other notifications. Only read and dead notifications
 * expire.
 */
async function readNotifications(
  queries: Queries,
  { notifications: bound }: RetentionBounds,
): Promise<{ readonly expired: readonly number[]; readonly told: ReadonlySet<number> }> {
  const expired: number[] = [];
  const told = new Set<number>();
  const pages = rowPages<NotificationRow>((last, limit) =>
    queries.all(SELECT_NOTIFICATIONS_FROM, [last?.id ?? 0, limit]),
  );
  for await (const page of pages) {
    for (const { id, change, read_at: readAt, dead_at: deadAt } of page) {
      const endedAt = readAt ?? deadAt;
      if (bound !== undefined && endedAt !== null && endedAt < bound) expired.push(id);
      else told.add(change);
    }
  }
  return { expired, told };
}

/**
 * Returns the changes that no notification needs, before the first change that must stay. A change must stay if it is
 * recent, if the notifier has not read it, or if it is the newest change. The newest change stays, because the next
 * change is numbered after it and must not have a number that the notifier has already read.
 *
 * The advisory after a change is stored in its next change (`change-log-store.ts`), so later changes to the same
 * advisory also stay.
 *
 * @param told the changes with notifications
 */
async function readChanges(
  queries: Queries,
  { changeLog: bound }: RetentionBounds,
  told: ReadonlySet<number>,
): Promise<readonly number[]> {
  if (bound === undefined) return [];
  const newest = (await queries.get<{ id: number | null }>('SELECT MAX(id) AS id FROM change_log'))?.id ?? 0;
  const cursor = await queries.get<{ value: string }>(SELECT_CURSOR);
  const end = Math.min(newest, cursor === undefined ? newest : Number(cursor.value) + 1);
  const expired: number[] = [];
  const needed = new Set<string>();
  const pages = rowPages<ChangeRow>((last, limit) => queries.all(SELECT_CHANGES_BELOW, [last?.id ?? 0, end, limit]));
  for await (const page of pages) {
    for (const { id, feed, name, at } of page) {
      if (at >= bound) return expired;
      const vulnerability = `${feed} ${name}`;
      if (told.has(id)) needed.add(vulnerability);
      if (!needed.has(vulnerability)) expired.push(id);
    }
  }
  return expired;
}

type ChangeRow = { readonly id: number; readonly feed: string; readonly name: string; readonly at: number };

export const SELECT_NOTIFICATIONS_FROM = `
SELECT id, change, read_at, dead_at FROM notification WHERE id > ? ORDER BY id LIMIT ?`;

const SELECT_UPDATES_FROM = `
SELECT id, name, created_at, CASE WHEN due_at IS NULL THEN 0 ELSE 1 END AS is_waiting
FROM update_notification WHERE id > ? ORDER BY id LIMIT ?`;

export const SELECT_CHANGES_BELOW = `
SELECT id, feed, name, at FROM change_log WHERE id > ? AND id < ? ORDER BY id LIMIT ?`;
