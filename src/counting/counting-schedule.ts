import { setTimeout } from 'node:timers/promises';
import { ClairError } from '../errors.ts';
import type { CountingLog, ImageCounter } from './image-counter.ts';

export type CountingScheduleOptions = {
  readonly counter: Pick<ImageCounter, 'recount'>;
  /** Another number after anything was written to the database, by any process. */
  readonly version: () => Promise<number>;
  readonly log: CountingLog;
  /** Waits; rejects when the signal is aborted. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

export type CountingSchedule = {
  /** Ends the count under way; what it counted until then is stored. */
  readonly stop: () => Promise<void>;
};

/** How often the job looks whether the database has another version: recorded images and updates give it one. */
const LOOK_EVERY_MS = 1000;

/** How many looks pass before the job looks at the images anyway: time makes counts expire, too. */
const MAX_IDLE_LOOKS = 60;

/** Keeps the stored counts of images current until it is stopped: from the start on, after each write, and every minute. */
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
    // Asked first: what is written while images are counted gives the next look work.
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
        // Whatever failed is tried again after as long as a look without a write waits.
        await pause(LOOK_EVERY_MS * MAX_IDLE_LOOKS, signal);
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  function tell(error: unknown): void {
    if (error instanceof ClairError) log.warn({ code: error.code, reason: error.message }, 'images not counted');
    else log.error({ err: error }, 'images not counted');
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
  // A server that only waits may end.
  await setTimeout(milliseconds, undefined, { signal, ref: false });
}
