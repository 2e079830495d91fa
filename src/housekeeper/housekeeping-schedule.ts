import { setTimeout } from 'node:timers/promises';
import { ClairError } from '../errors.ts';
import type { Housekeeper } from './housekeeper.ts';

export type HousekeepingScheduleOptions = {
  readonly housekeeper: Pick<Housekeeper, 'last' | 'run'>;
  /** The interval between runs in milliseconds; 0 means no runs. */
  readonly interval: number;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: HousekeepingLog;
  /** Returns a number from 0 to 1; by default `Math.random`. */
  readonly random?: () => number;
  /** Waits for a number of milliseconds; rejects when the signal aborts. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** The part of a pino logger that the schedule uses. */
export type HousekeepingLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type HousekeepingSchedule = {
  /** Stops the schedule. If a run is in progress, the run stops after its current transaction. */
  readonly stop: () => Promise<void>;
};

/**
 * The interval between checks of whether a run is due. The checks are frequent, because a single timer for the whole
 * interval would ignore the runs of other processes.
 */
const LOOK_EVERY_MS = 10 * 60_000;

/** The maximum number of notifications that a log line names. */
const MAX_LOGGED = 20;

/**
 * The maximum random shift of the first check, as a fraction of the interval between checks, so that instances do not
 * run at the same time.
 */
const JITTER = 0.5;

/**
 * Starts a schedule that runs housekeeping whenever the interval has passed since the last run of any instance. The
 * first check runs 5 to 10 minutes after the start.
 */
export function startHousekeeping({
  housekeeper,
  interval,
  now,
  log,
  random = Math.random,
  pause = pauseOfClock,
}: HousekeepingScheduleOptions): HousekeepingSchedule {
  const stop = new AbortController();
  const { signal } = stop;

  async function runIfDue(): Promise<void> {
    const last = await housekeeper.last();
    if (last !== undefined && last.at + interval > now()) return;
    const start = now();
    const { removed, undelivered } = await housekeeper.run(signal);
    if (undelivered.length > 0) {
      const notifications = undelivered.slice(0, MAX_LOGGED);
      log.warn({ count: undelivered.length, notifications }, 'deleted expired notifications that were never delivered');
    }
    log.info({ removed, milliseconds: now() - start }, 'housekeeping done');
  }

  async function keepHouse(): Promise<void> {
    await pause(LOOK_EVERY_MS * (1 - JITTER * random()), signal);
    for (;;) {
      try {
        await runIfDue();
      } catch (error) {
        signal.throwIfAborted();
        tell(error);
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  /** Logs a failed run. The next check retries the run. */
  function tell(error: unknown): void {
    if (!(error instanceof ClairError)) log.error({ err: error }, 'housekeeping failed');
    else if (error.code === 'housekeeping/locked')
      log.info({}, 'housekeeping skipped: another instance is running housekeeping');
    else log.warn({ code: error.code, reason: error.message }, 'housekeeping failed');
  }

  const running = interval > 0 ? keepHouse().catch(ignoreStop) : Promise.resolve();
  return {
    async stop() {
      stop.abort();
      await running;
    },
  };

  function ignoreStop(error: unknown): void {
    if (!signal.aborted) throw error;
  }
}

async function pauseOfClock(milliseconds: number, signal: AbortSignal): Promise<void> {
  // The timer must not keep the process alive.
  await setTimeout(milliseconds, undefined, { signal, ref: false });
}
