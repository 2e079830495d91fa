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

/** Enough for 380,000 findings. */
const MAX_HEAP_MEGABYTES = 256;

/** A thread keeps the memory of its largest report, which the threads of answers may need. */
const IDLE_MILLISECONDS = 5000;

/** The largest honest images take some seconds. */
const MAX_MILLISECONDS = 60_000;

/** Counts images in one thread with connections of its own, one after the other. It starts with the first image. */
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

/** The compiled file, or where Clair runs from its sources the one that loads the source of it. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'count-source-thread.mjs' : 'count-thread.js';
  return new URL(name, import.meta.url).href;
}
