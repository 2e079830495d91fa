import type { Queries } from '../../engines/engine.ts';
import { rowPages } from '../row-pages.ts';

/**
 * The number of features per statement; a statement takes some milliseconds, and a notification may have 100,000
 * features.
 */
const FEATURES_PER_PAGE = 1000;

/** Yields the first and the last feature id of each page of a notification's features. */
export async function* featurePages(
  read: Pick<Queries, 'all'>,
  notification: number,
): AsyncGenerator<{ readonly first: number; readonly last: number }, void> {
  const pages = rowPages<{ readonly feature: number }>(
    (last, limit) => read.all(SELECT_FEATURES, [notification, last?.feature ?? 0, limit]),
    FEATURES_PER_PAGE,
  );
  for await (const page of pages) yield { first: page[0]?.feature ?? 0, last: page.at(-1)?.feature ?? 0 };
}

const SELECT_FEATURES = `
SELECT DISTINCT feature FROM update_notification_feature
WHERE notification = ? AND feature > ?
ORDER BY feature
LIMIT ?`;
