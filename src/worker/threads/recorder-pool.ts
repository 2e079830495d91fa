import type { SharedDatabaseOptions } from '../../database/open-store.ts';
import { ClairError } from '../../errors.ts';
import { createTerminablePool, ThreadExhausted } from '../../threads/terminable-pool.ts';
import type { LayerRecorder, Recorded, RecordedLayer } from '../layer-recorder.ts';
import type { RecorderThreadData } from './recorder-thread.ts';

export type RecorderPoolOptions = {
  readonly database: SharedDatabaseOptions;
  readonly maxHeapMegabytes?: number;
  readonly maxMilliseconds?: number;
};

/** A layer of 235,000 packages takes about 350 MB. */
const MAX_HEAP_MEGABYTES = 640;

/**
 * The maximum time to record one layer; other layers wait in the meantime. The largest real layers take one or two
 * seconds.
 */
const MAX_MILLISECONDS = 5 * 60_000;

/**
 * Creates a recorder that works in a thread with its own connections, one layer at a time, because SQLite allows one
 * writer, and because a large layer needs most of the thread's memory. A signal terminates the thread, and the database
 * rolls back its transaction; the next layer starts a new thread.
 */
export function createRecorderPool({
  database,
  maxHeapMegabytes = MAX_HEAP_MEGABYTES,
  maxMilliseconds = MAX_MILLISECONDS,
}: RecorderPoolOptions): LayerRecorder {
  const workerData: RecorderThreadData = { database };
  const pool = createTerminablePool<RecordedLayer, Recorded>({
    file: threadFile(),
    name: 'recordInThread',
    workerData,
    threads: 1,
    maxHeapMegabytes,
    maxMilliseconds,
  });
  return {
    async record(layer, signal) {
      try {
        return await pool.run(layer, { signal });
      } catch (error) {
        if (!(error instanceof ThreadExhausted)) throw error;
        const limit = error.of === 'time' ? `${maxMilliseconds / 1000} seconds` : `${maxHeapMegabytes} MB of memory`;
        const message = `computing the packages of layer ${layer.name} takes more than ${limit}`;
        throw new ClairError('bytes/limit-exceeded', message, { cause: error });
      }
    },
    close: pool.close,
  };
}

/** Returns the compiled file, or the loader of the source file when Clair runs from its sources. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'recorder-source-thread.mjs' : 'recorder-thread.js';
  return new URL(name, import.meta.url).href;
}
