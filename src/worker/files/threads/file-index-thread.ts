import { workerData } from 'node:worker_threads';
import type { HeldLock } from '../../../database/contracts/locks.ts';
import { openStore, type SharedDatabaseOptions } from '../../../database/open-store.ts';
import { type Outcome, outcomeOf } from '../../../errors.ts';
import { createFileIndexer, type FileIndexer, type IndexedStep } from '../file-indexer.ts';

export type FileIndexThreadData = { readonly database: SharedDatabaseOptions };

/** Runs one step in the thread of the pool. */
export const indexFilesInThread: (lease: HeldLock) => Promise<Outcome<IndexedStep>> = createIndexThread(workerData);

/** Creates the indexer, which the thread keeps between steps. */
function createIndexThread({ database }: FileIndexThreadData): typeof indexFilesInThread {
  let opened: Promise<FileIndexer> | undefined;
  return async (lease) =>
    await outcomeOf(async () => {
      opened ??= openStore(database).then(createFileIndexer);
      let indexer: FileIndexer;
      try {
        indexer = await opened;
      } catch (error) {
        // The next step opens a new connection.
        opened = undefined;
        throw error;
      }
      return await indexer.step(lease);
    });
}
