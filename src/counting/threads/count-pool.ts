import type { CountedImage } from '../../database/contracts/image-counts.ts';
import type { Digest } from '../../model/digest.ts';
import { createTerminablePool } from '../../threads/terminable-pool.ts';
import type { CountImage } from '../image-count.ts';
import type { CountThreadData } from './count-thread.ts';

export type CountPoolOptions = CountThreadData & {
  readonly maxHeapMegabytes?: number;
  readonly maxMilliseconds?: number;
};

export type CountPool = { readonly count: CountImage; readonly close: () => Promise<void> };

/** The heap limit, which is enough for 380,000 findings. */
const MAX_HEAP_MEGABYTES = 256;

/**
 * The time after which an idle thread ends. The time is short, because an idle thread keeps the memory of its largest
 * report.
 */
const IDLE_MILLISECONDS = 5000;

/** The time limit for an image; the largest real images take a few seconds. */
const MAX_MILLISECONDS = 60_000;

/** Creates a counter with a thread that has its own database connections. The thread starts with the first image. */
export function createCountPool({
  maxHeapMegabytes = MAX_HEAP_MEGABYTES,
  maxMilliseconds = MAX_MILLISECONDS,
  ...workerData
}: CountPoolOptions): CountPool {
  const pool = createTerminablePool<Digest, CountedImage | undefined>({
    file: threadFile(),
    name: 'countInThread',
    workerData,
    threads: 1,
    maxHeapMegabytes,
    maxMilliseconds,
    idleMilliseconds: IDLE_MILLISECONDS,
  });
  return { count: async (digest, signal) => await pool.run(digest, { signal }), close: pool.close };
}

/** Returns the URL of the compiled thread or, if Clair runs from source, of the loader of the thread's source file. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'count-source-thread.mjs' : 'count-thread.js';
  return new URL(name, import.meta.url).href;
}
