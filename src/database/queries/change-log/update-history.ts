import { textOrder } from '../../../model/text-order.ts';
import type { FeedUpdateRow, UpdateHistory } from '../../contracts/update-history.ts';
import type { Engine } from '../../engines/engine.ts';
import { readLastRemoved } from './removed-changes.ts';
import { POSITION } from './update-positions.ts';

/**
 * The number of additional updates that are read by id, because an update may be committed after updates with higher
 * ids. Few updates of a feed can be out of order: only the update of the feed, updates of enrichment feeds and edits
 * write updates of a feed. Only one writer of each kind runs at a time.
 */
const MARGIN = 50;

/** Reads the updates of feeds; the updates themselves are written with their changes (feed-updates.ts). */
export function createUpdateHistory({ read, transaction }: Engine): UpdateHistory {
  return {
    async latest(perFeed) {
      const rows = await read.all<FeedUpdateRow>(SELECT_LATEST, [perFeed + MARGIN - 1]);
      const counts = new Map<string, number>();
      return rows.toSorted(latestFirst).filter(({ feed, position }) => {
        const count = (counts.get(feed) ?? 0) + 1;
        counts.set(feed, count);
        return position > 0 && count <= perFeed;
      });
    },
    async find(id) {
      const row = await read.get<FeedUpdateRow & { deleted_at: number | null }>(SELECT_ONE, [id]);
      if (row === undefined || row.position === 0) return undefined;
      const { deleted_at: deletedAt, ...update } = row;
      return { ...update, isDeleted: deletedAt !== null };
    },
    async between({ feed, after, upTo, limit }) {
      const rows = await read.all<{ id: number; position: number }>(SELECT_OF_FEED, [feed]);
      const within = rows.filter(({ position }) => position > after && position <= upTo);
      const inOrder = within.toSorted((one, other) => one.position - other.position);
      return inOrder.slice(0, limit).map(({ id }) => id);
    },
    changes: (update, { after, limit }) => read.all(SELECT_CHANGES, [update, after, limit]),
    completeAfter: (feed) => readLastRemoved(read, feed),
    markDeleted: (id, at) =>
      transaction(async (queries) => {
        const changed = await queries.run('UPDATE feed_update SET deleted_at = COALESCE(deleted_at, ?) WHERE id = ?', [
          at,
          id,
        ]);
        return changed > 0;
      }),
  };
}

function latestFirst(one: FeedUpdateRow, other: FeedUpdateRow): number {
  return other.position - one.position || textOrder(one.feed, other.feed);
}

/**
 * Parameter: the number of updates of each feed minus one. The recursion skips from feed to feed in the index, because
 * a feed may have thousands of updates.
 */
const SELECT_LATEST = `
WITH RECURSIVE named (feed) AS (
  SELECT MIN(feed) FROM feed_update
  UNION ALL
  SELECT (SELECT MIN(next.feed) FROM feed_update AS next WHERE next.feed > named.feed)
  FROM named WHERE named.feed IS NOT NULL
),
bounded (feed, first) AS MATERIALIZED (
  SELECT named.feed, COALESCE((
    SELECT own.id FROM feed_update AS own
    WHERE own.feed = named.feed AND own.deleted_at IS NULL
    ORDER BY own.id DESC LIMIT 1 OFFSET ?
  ), 0)
  FROM named WHERE named.feed IS NOT NULL
)
SELECT feed_update.id, feed_update.feed, feed_update.at, ${POSITION} AS position
FROM bounded CROSS JOIN feed_update
WHERE feed_update.feed = bounded.feed AND feed_update.id >= bounded.first AND feed_update.deleted_at IS NULL`;

const SELECT_ONE = `SELECT id, feed, at, deleted_at, ${POSITION} AS position FROM feed_update WHERE id = ?`;

const SELECT_OF_FEED = `SELECT id, ${POSITION} AS position FROM feed_update WHERE feed = ?`;

const SELECT_CHANGES = 'SELECT id, name FROM change_log WHERE feed_update = ? AND id > ? ORDER BY id LIMIT ?';
