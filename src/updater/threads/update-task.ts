import type { MessagePort } from 'node:worker_threads';
import { openStore, type SharedDatabaseOptions } from '../../database/open-store.ts';
import { type Outcome, outcomeOf } from '../../errors.ts';
import { createFeedUpdater } from '../feed-updater.ts';
import type { UpdaterSettings } from '../updater.ts';
import type { UpdateResult } from '../update-result.ts';

export type UpdateTask = {
  readonly database: SharedDatabaseOptions;
  /** The release of Clair, for the User-Agent header. */
  readonly version: string;
  readonly settings: UpdaterSettings;
  readonly feed: string;
  /** Any message aborts the update. */
  readonly stop: MessagePort;
};

/** Updates a feed in the thread, with separate database and HTTP connections. */
export async function updateInThread({
  database,
  version,
  settings,
  feed,
  stop,
}: UpdateTask): Promise<Outcome<UpdateResult>> {
  const stopped = new AbortController();
  stop.once('message', () => stopped.abort());
  try {
    return await outcomeOf(async () => await updateOnce(stopped.signal));
  } finally {
    stop.close();
  }

  async function updateOnce(signal: AbortSignal): Promise<UpdateResult> {
    const store = await openStore(database);
    const { updater, close } = createFeedUpdater(store, settings, version);
    try {
      return await updater.update(feed, { signal });
    } finally {
      await close();
      await store.close();
    }
  }
}
