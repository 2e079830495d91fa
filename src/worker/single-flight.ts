import { setTimeout } from 'node:timers/promises';
import { tryLease } from '../database/queries/lease.ts';
import type { Store } from '../database/contracts/store.ts';
import { LAYER_LIMITS } from './layer/limits.ts';
import { PART_LIMITS } from './parts/part-limits.ts';

export type SingleFlightOptions = {
  readonly store: Pick<Store, 'locks' | 'under'>;
  readonly timing?: Partial<SingleFlightTiming>;
};

/** The times of single-flight work, in milliseconds. */
export type SingleFlightTiming = {
  /** The maximum time that a dead process can block other processes. */
  readonly ttl: number;
  /**
   * The pauses between checks of another process's work; each pause is twice the previous pause, up to `longestPause`.
   */
  readonly firstPause: number;
  readonly longestPause: number;
  /** After this time, a waiting caller runs its own work, because duplicate work is better than no result. */
  readonly patience: number;
};

export type SharedTask<T> = {
  /** Returns the stored result, if any. */
  readonly find: () => Promise<T | undefined>;
  /** Runs the work and stores its result, so that `find` returns it from then on. */
  readonly work: () => Promise<T>;
  readonly signal?: AbortSignal;
};

/** Runs named work once at a time: concurrent callers, of this process and of other processes, share one execution. */
export type SingleFlight = {
  /**
   * Returns the stored result, or the result of the work. While another caller runs work with that name, this caller
   * waits without a database connection. If the other caller fails or dies, a waiting caller runs its own work, because
   * the waiting caller may have access to bytes that the first caller could not get.
   *
   * @throws the errors of `find` and `work`; the abort reason of the signal.
   */
  readonly once: <T>(name: string, task: SharedTask<T>) => Promise<T>;
};

const TIMING: SingleFlightTiming = {
  ttl: 15_000,
  firstPause: 20,
  longestPause: 1000,
  // Reading a layer never takes longer, even if the layer is first read in part and then as a whole.
  patience: PART_LIMITS.maxPartsMilliseconds + LAYER_LIMITS.maxMilliseconds,
};

/** Creates the single-flight of a process. @param timing replaces the default times, which are in milliseconds */
export function createSingleFlight({ store, timing }: SingleFlightOptions): SingleFlight {
  const { ttl, firstPause, longestPause, patience } = { ...TIMING, ...timing };
  /** Work that this process does or waits for. */
  const underWay = new Map<string, Promise<unknown>>();

  async function amongProcesses<T>(name: string, { find, work, signal }: SharedTask<T>): Promise<T> {
    const end = performance.now() + patience;
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      // Another process may have finished between the last check and the lease.
      const done = await tryLease(name, { store, ttl }, async () => (await find()) ?? (await work()));
      if (done !== undefined) return done.value;
      if (performance.now() > end) return await work();
      await setTimeout(pause, undefined, signal && { signal }).catch(() => undefined);
      signal?.throwIfAborted();
      const found = await find();
      if (found !== undefined) return found;
    }
  }

  return {
    async once(name, task) {
      for (;;) {
        task.signal?.throwIfAborted();
        const found = await task.find();
        if (found !== undefined) return found;
        const other = underWay.get(name);
        if (other !== undefined) {
          await whenOver(other, task.signal);
          continue;
        }
        const own = amongProcesses(name, task);
        underWay.set(name, own);
        try {
          return await own;
        } finally {
          underWay.delete(name);
        }
      }
    },
  };
}

/** Waits until work settles, regardless of its outcome. @throws the abort reason of the signal. */
async function whenOver(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const giveUp = (): void => reject(signal?.reason);
    const over = (): void => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    };
    signal?.addEventListener('abort', giveUp);
    work.then(over, over);
  });
}
