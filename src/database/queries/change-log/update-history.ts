import type { FeedUpdateRow, UpdateHistory } from '../../contracts/update-history.ts';
import type { Engine } from '../../engines/engine.ts';

/** Reads the updates of feeds; the updates themselves are written with their changes (feed-updates.ts). */
export function createUpdateHistory({ read, transaction }: Engine): UpdateHistory {
  return {
    list: (limit) => read.all<FeedUpdateRow>(SELECT_LISTED, [Number.MAX_SAFE_INTEGER, limit]),
    async latest() {
      const rows = await read.all<LatestRow>(SELECT_LATEST);
      return rows.map(({ last_change: lastChange, ...update }) => ({ ...update, lastChange: lastChange ?? 0 }));
    },
    async find(id) {
      const row = await read.get<FeedUpdateRow & { deleted_at: number | null }>(SELECT_ONE, [id]);
      if (row === undefined) return undefined;
      const { deleted_at: deletedAt, ...update } = row;
      return { ...update, isForgotten: deletedAt !== null };
    },
    async between({ feed, after, upTo, limit }) {
      return (await read.all<{ id: number }>(SELECT_BETWEEN, [feed, after, upTo, limit])).map(({ id }) => id);
    },
    changes: (update, { after, limit }) => read.all(SELECT_CHANGES, [update, after, limit]),
    forget: (id, at) =>
      transaction(async (queries) => {
        const changed = await queries.run('UPDATE feed_update SET deleted_at = COALESCE(deleted_at, ?) WHERE id = ?', [
          at,
          id,
        ]);
        return changed > 0;
      }),
  };
}

type LatestRow = FeedUpdateRow & { readonly last_change: number | null };

const SELECT_LISTED =
  'SELECT id, feed, at FROM feed_update WHERE id <= ? AND deleted_at IS NULL ORDER BY id DESC LIMIT ?';

/** Steps from feed to feed in the index, because a feed may have thousands of updates. */
const SELECT_LATEST = `
WITH RECURSIVE named (feed) AS (
  SELECT MIN(feed) FROM feed_update
  UNION ALL
  SELECT (SELECT MIN(next.feed) FROM feed_update AS next WHERE next.feed > named.feed)
  FROM named WHERE named.feed IS NOT NULL
),
latest (id) AS MATERIALIZED (
  SELECT (
    SELECT own.id FROM feed_update AS own
    WHERE own.feed = named.feed AND own.deleted_at IS NULL
    ORDER BY own.id DESC LIMIT 1
  )
  FROM named WHERE named.feed IS NOT NULL
)
SELECT
  feed_update.id, feed_update.feed, feed_update.at,
  (SELECT MAX(change_log.id) FROM change_log WHERE change_log.feed_update = feed_update.id) AS last_change
FROM latest CROSS JOIN feed_update
WHERE feed_update.id = latest.id
ORDER BY feed_update.id DESC`;

const SELECT_ONE = 'SELECT id, feed, at, deleted_at FROM feed_update WHERE id = ?';

const SELECT_BETWEEN = 'SELECT id FROM feed_update WHERE feed = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?';

const SELECT_CHANGES = 'SELECT id, name FROM change_log WHERE feed_update = ? AND id > ? ORDER BY id LIMIT ?';
