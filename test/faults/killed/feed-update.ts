import { databaseOptions } from '../../../src/cli/options/database-option.ts';
import { openStore } from '../../../src/database/open-store.ts';
import { debian } from '../../../src/updater/fetchers/debian/fetcher.ts';
import { createUpdater } from '../../../src/updater/updater.ts';

/** Updates a database (a value of `--db`) from a file in the format of Debian's tracker, at a given time. */
export async function updateFrom(feed: string, database: string, now: () => number): Promise<void> {
  const store = await openStore(databaseOptions(database), { time: now });
  try {
    await createUpdater({ store, fetchers: [debian], http: { get: noNetwork }, now }).update('debian', { from: feed });
  } finally {
    await store.close();
  }
}

function noNetwork(): never {
  throw new Error('this test sends no HTTP requests');
}
