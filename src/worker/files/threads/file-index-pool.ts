import type { HeldLock } from '../../../database/contracts/locks.ts';
import { createTerminablePool } from '../../../threads/terminable-pool.ts';
import type { FileIndexer, IndexedStep } from '../file-indexer.ts';
import type { FileIndexThreadData } from './file-index-thread.ts';

export type FileIndexPool = {
  /** Runs a step in the thread. The signal terminates the thread, and the database then rolls back the step. */
  readonly step: (lease: HeldLock, signal: AbortSignal) => ReturnType<FileIndexer['step']>;
  readonly close: () => Promise<void>;
};

/** The heap contains the file states at recent layers and the contents of a large layer. */
const MAX_HEAP_MEGABYTES = 512;

/** A step takes a few seconds. */
const MAX_MILLISECONDS = 5 * 60_000;

/** Creates an indexer with one thread and its own database connections; the thread starts with the first step. */
export function createFileIndexPool(workerData: FileIndexThreadData): FileIndexPool {
  const pool = createTerminablePool<HeldLock, IndexedStep>({
    file: threadFile(),
    name: 'indexFilesInThread',
    workerData,
    threads: 1,
    maxHeapMegabytes: MAX_HEAP_MEGABYTES,
    maxMilliseconds: MAX_MILLISECONDS,
  });
  return { step: async (lease, signal) => await pool.run(lease, { signal }), close: pool.close };
}

/** Returns the compiled thread, or the loader of its source when Clair runs from its sources. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'file-index-source-thread.mjs' : 'file-index-thread.js';
  return new URL(name, import.meta.url).href;
}
