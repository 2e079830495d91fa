import { setTimeout } from 'node:timers/promises';
import { ClairError } from '../errors.ts';
import type { Housekeeper } from './housekeeper.ts';

export type HousekeepingScheduleOptions = {
  readonly housekeeper: Pick<Housekeeper, 'last' | 'run'>;
  /** The time between two runs, in milliseconds; with 0 there are none. */
  readonly interval: number;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: HousekeepingLog;
  /** From 0 to 1, as `Math.random()`, which it is when absent. */
  readonly random?: () => number;
  /** Waits; rejects when the signal is aborted. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Where a schedule tells what it did; pino is one. */
export type HousekeepingLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type HousekeepingSchedule = {
  /** Ends the run under way after its present transaction. */
  readonly stop: () => Promise<void>;
};

/** How often it is looked at whether a run is due: another process may have done one. */
const LOOK_EVERY_MS = 10 * 60_000;

/** By how much of itself the first look varies: instances that start together must not all run at once. */
const JITTER = 0.5;

/**
 * Removes what is no longer kept whenever the interval has passed since the last run of whatever instance, until it is
 * stopped. A server that has just started is left alone for some minutes.
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
    const removed = await housekeeper.run(signal);
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

  /** Whatever fails is done at a later look. */
  function tell(error: unknown): void {
    if (!(error instanceof ClairError)) log.error({ err: error }, 'housekeeping not done');
    else if (error.code === 'housekeeping/locked') log.info({}, 'housekeeping is done by another instance');
    else log.warn({ code: error.code, reason: error.message }, 'housekeeping not done');
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
  // A server that only waits may end.
  await setTimeout(milliseconds, undefined, { signal, ref: false });
}
