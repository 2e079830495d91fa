import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { FeedStore } from '../database/contracts/feeds.ts';
import { ClairError } from '../errors.ts';
import type { FeedState } from '../model/feed.ts';
import type { Updater } from './updater.ts';
import type { UpdateResult } from './update-result.ts';

export type ScheduleOptions = {
  readonly updater: Pick<Updater, 'update'>;
  readonly states: Pick<FeedStore, 'find'>;
  /** The feeds to update and their intervals in milliseconds. */
  readonly intervals: ReadonlyMap<string, number>;
  /** Returns milliseconds since 1970. */
  readonly now: () => number;
  readonly log: ScheduleLog;
  /** Returns a number from 0 to 1; defaults to `Math.random()`. */
  readonly random?: () => number;
  /** Waits; rejects when the signal is aborted. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** The log of a schedule, such as pino. */
export type ScheduleLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type Schedule = {
  /** Aborts the running updates and waits until they are rolled back. */
  readonly stop: () => Promise<void>;
};

/**
 * The maximum number of concurrent updates. The number is above one, so that a slow feed does not delay the other
 * feeds.
 */
const PARALLEL_UPDATES = 3;

/** The time from a failed attempt to the next attempt; at most the interval of the feed. */
const RETRY_MS = 10 * 60_000;

/**
 * The pause after a failure to read the state of a feed or to update the feed, and while another instance updates the
 * feed.
 */
const MIN_PAUSE_MS = 60_000;

/** The maximum length of a pause; longer pauses are split, because timers are limited to 24 days. */
const MAX_PAUSE_MS = 24 * 60 * 60_000;

/**
 * The range in which an interval varies, as a share of the interval (0.2 means ±10 %), so that instances do not update
 * at the same time.
 */
const JITTER = 0.2;

/**
 * Updates feeds until the schedule is stopped. Updates a new feed immediately, and other feeds when their interval has
 * passed since the last attempt of any instance.
 */
export function startSchedule(options: ScheduleOptions): Schedule {
  const { updater, states, intervals, now, log, random = Math.random, pause = pauseOfClock } = options;
  const stop = new AbortController();
  const { signal } = stop;
  // Each feed listens to this signal, and by default, Node warns about more than ten listeners.
  setMaxListeners(0, signal);
  const whenFree = pLimit(PARALLEL_UPDATES);

  /** Returns the time until the next update; 0 or less when an update is due. */
  async function timeLeft(feed: string, interval: number): Promise<number> {
    const state = await states.find(feed);
    if (state === undefined) return 0;
    return state.lastAttempt + Math.min(interval, retryAfter(state)) - now();
  }

  async function keepUpToDate(feed: string, interval: number): Promise<void> {
    // Choose the interval once per feed and instance, so that all parts of a split pause have the same end.
    const own = interval * (1 + JITTER * (random() - 0.5));
    while (!signal.aborted) {
      const left = await attempt(feed, () => timeLeft(feed, own));
      if (left === undefined) await pause(MIN_PAUSE_MS, signal);
      else if (left > 0) await pause(Math.min(left, MAX_PAUSE_MS), signal);
      else if (!(await whenFree(() => updateIfDue(feed, own)))) await pause(MIN_PAUSE_MS, signal);
    }
  }

  /** Returns whether this or another instance has updated the feed. */
  async function updateIfDue(feed: string, interval: number): Promise<boolean> {
    signal.throwIfAborted();
    const done = await attempt(feed, async () => {
      if ((await timeLeft(feed, interval)) > 0) return true;
      const start = now();
      const result = await updater.update(feed, { signal });
      log.info({ feed, ...fieldsOf(result), milliseconds: now() - start }, 'feed updated');
      return true;
    });
    return done ?? false;
  }

  /** Runs `work`; logs any failure and returns undefined, so that the schedule continues. */
  async function attempt<T>(feed: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ClairError)) log.error({ feed, err: error }, 'feed update failed');
      else if (error.code === 'update/locked')
        log.info({ feed }, 'feed update skipped: another process is updating the feed');
      else log.warn({ feed, code: error.code, reason: error.message }, 'feed update failed');
      return undefined;
    }
  }

  const running = [...intervals].map(([feed, interval]) => keepUpToDate(feed, interval));
  return {
    async stop() {
      stop.abort();
      await Promise.allSettled(running);
    },
  };
}

/**
 * Returns the maximum time between an attempt and the next attempt, in milliseconds; infinite after a success, so that
 * the interval of the feed applies. If data was refused, the next update waits for the whole interval, because only an
 * operator can accept the data, and only a new publication can replace the data.
 */
function retryAfter({ error, refused }: FeedState): number {
  return error === null || refused !== null ? Number.POSITIVE_INFINITY : RETRY_MS;
}

function fieldsOf(result: UpdateResult): object {
  if (result.kind === 'not-modified') return { isModified: false };
  return { isModified: true, ...result.counts, diagnostics: result.recordDiagnostics.count };
}

async function pauseOfClock(milliseconds: number, signal: AbortSignal): Promise<void> {
  // With `ref: false`, the timer does not keep the process running.
  await setTimeout(milliseconds, undefined, { signal, ref: false });
}
