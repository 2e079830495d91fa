const LAST_STORED =
  'COALESCE((SELECT MAX(change_log.id) FROM change_log WHERE change_log.feed_update = feed_update.id), 0)';

/**
 * An SQL expression for the position of a `feed_update`: the id of its last change, even if the change was removed. The
 * position is 0 if an earlier schema removed all changes of the update.
 */
export const POSITION: string = `CASE
    WHEN feed_update.last_change > ${LAST_STORED} THEN feed_update.last_change
    ELSE ${LAST_STORED}
  END`;
