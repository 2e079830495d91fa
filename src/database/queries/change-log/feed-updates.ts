import type { InsertTarget, Queries } from '../../engines/engine.ts';

/** The target for changes. Changes must be inserted with `insertMany`, which numbers rows in commit order. */
export const LOGGED_CHANGES: InsertTarget = {
  table: 'change_log',
  columns: ['feed', 'name', 'kind', 'before', 'at', 'initial', 'feed_update'],
  inOrderOfCommit: true,
};

/**
 * Returns a function that returns the id of this transaction's update of a feed. The first call for a feed records the
 * update, so that an update without changes is not recorded.
 *
 * @param at milliseconds since 1970
 */
export function createFeedUpdates(queries: Queries, at: number): (feed: string) => Promise<number> {
  const ids = new Map<string, number>();
  return async (feed) => {
    const known = ids.get(feed);
    if (known !== undefined) return known;
    const row = await queries.get<{ id: number }>(INSERT_UPDATE, [feed, at]);
    if (row === undefined) throw new Error('an insert returned no id');
    ids.set(feed, row.id);
    return row.id;
  };
}

const INSERT_UPDATE = 'INSERT INTO feed_update (feed, at) VALUES (?, ?) RETURNING id';
