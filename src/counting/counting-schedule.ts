import { setTimeout } from 'node:timers/promises';
import { ClairError } from '../errors.ts';
import type { CountingLog, ImageCounter } from './image-counter.ts';

export type CountingScheduleOptions = {
  readonly counter: Pick<ImageCounter, 'recount'>;
  /** Returns a number that changes after every write to the database by any process. */
  readonly version: () => Promise<number>;
  readonly log: CountingLog;
  /** Waits for a number of milliseconds; rejects when the signal aborts. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

export type CountingSchedule = {
  /** Stops the job and aborts a running count; counts that are already finished stay stored. */
  readonly stop: () => Promise<void>;
};

/**
 * The time between two checks of the database version, which changes when an image is recorded or a feed is updated.
 */
const LOOK_EVERY_MS = 1000;

/** The number of checks after which the job examines the images even without a write, because counts also expire. */
const MAX_IDLE_LOOKS = 60;

/** Starts a job that updates the stored counts of images immediately, after each write, and every minute. */
export function startCounting({
  counter,
  version,
  log,
  pause = pauseOfClock,
}: CountingScheduleOptions): CountingSchedule {
  const stop = new AbortController();
  const { signal } = stop;
  let seen: number | undefined;
  let idle = 0;

  async function look(): Promise<void> {
    // Read the version first, so that a write during the count triggers the next count.
    const present = await version();
    idle += 1;
    if (present === seen && idle < MAX_IDLE_LOOKS) return;
    idle = 0;
    const start = performance.now();
    const images = await counter.recount(signal);
    seen = present;
    if (images > 0) log.info({ images, milliseconds: Math.round(performance.now() - start) }, 'images counted');
  }

  async function keepCounting(): Promise<void> {
    for (;;) {
      try {
        await look();
      } catch (error) {
        signal.throwIfAborted();
        tell(error);
        // Wait for the longest pause after a failure, as if nothing had been written.
        await pause(LOOK_EVERY_MS * MAX_IDLE_LOOKS, signal);
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  function tell(error: unknown): void {
    if (error instanceof ClairError) log.warn({ code: error.code, reason: error.message }, 'counting images failed');
    else log.error({ err: error }, 'counting images failed');
  }

  const running = keepCounting().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    async stop() {
      stop.abort(new ClairError('server/stopping', 'the server is stopping'));
      await running;
    },
  };
}

async function pauseOfClock(milliseconds: number, signal: AbortSignal): Promise<void> {
  // The timer must not keep the process alive.
  await setTimeout(milliseconds, undefined, { signal, ref: false });
}
