import { workerData } from 'node:worker_threads';
import type { CountedImage } from '../../database/contracts/image-counts.ts';
import { openStore, type SharedDatabaseOptions } from '../../database/open-store.ts';
import { type Outcome, outcomeOf } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { createInstanceReports } from '../../report/image/instance-reports.ts';
import { type CountImage, createImageCount } from '../image-count.ts';

export type CountThreadData = {
  readonly database: SharedDatabaseOptions;
  readonly suppressionFiles: readonly string[];
};

/** Counts an image in the thread of the pool. */
export const countInThread: (digest: Digest) => Promise<Outcome<CountedImage | undefined>> =
  createCountThread(workerData);

/** Creates the counter, which the thread keeps between images. */
function createCountThread({ database, suppressionFiles }: CountThreadData): typeof countInThread {
  let opened: Promise<CountImage> | undefined;
  const open = async (): Promise<CountImage> => {
    const store = await openStore(database);
    return createImageCount(store, createInstanceReports(store, suppressionFiles, database.staleAfter));
  };
  return async (digest) =>
    await outcomeOf(async () => {
      opened ??= open();
      let count: CountImage;
      try {
        count = await opened;
      } catch (error) {
        // The next image opens a new connection.
        opened = undefined;
        throw error;
      }
      return await count(digest);
    });
}
