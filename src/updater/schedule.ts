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
  /** The feeds to keep up to date, and the time between two updates of each, in milliseconds. */
  readonly intervals: ReadonlyMap<string, number>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: ScheduleLog;
  /** From 0 to 1, as `Math.random()`, which it is when absent. */
  readonly random?: () => number;
  /** Waits; rejects when the signal is aborted. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Where a schedule tells what it did; pino is one. */
export type ScheduleLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type Schedule = {
  /** Ends the update under way, and waits until it is rolled back. */
  readonly stop: () => Promise<void>;
};

/** How many feeds are updated at a time: enough that one that is slow to answer does not hold up the others. */
const PARALLEL_UPDATES = 3;

/** After a failure, or when another instance is at it, a feed is looked at again after this time or its interval. */
const RETRY_MS = 10 * 60_000;

/** Nothing is tried again sooner, whatever went wrong. */
const MIN_PAUSE_MS = 60_000;

/** Timers cannot wait for more than 24 days. */
const MAX_PAUSE_MS = 24 * 60 * 60_000;

/** By how much of itself an interval varies: many instances must not all ask at once. */
const JITTER = 0.2;

/**
 * Keeps feeds up to date until it is stopped. A feed that was never updated is updated at once, the others when their
 * interval has passed since the last attempt, of whatever instance: what another one did in the meantime is not done
 * again.
 */
export function startSchedule(options: ScheduleOptions): Schedule {
  const { updater, states, intervals, now, log, random = Math.random, pause = pauseOfClock } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const whenFree = pLimit(PARALLEL_UPDATES);

  /** Until the next update, in milliseconds; at most 0 when it is due. */
  async function timeLeft(feed: string, interval: number): Promise<number> {
    const state = await states.find(feed);
    if (state === undefined) return 0;
    return state.lastAttempt + Math.min(interval, retryAfter(state)) - now();
  }

  async function keepUpToDate(feed: string, interval: number): Promise<void> {
    // The same for all intervals of this feed in this instance, so that a wait in parts has one end.
    const own = interval * (1 + JITTER * (random() - 0.5));
    while (!signal.aborted) {
      const left = await attempt(feed, () => timeLeft(feed, own));
      if (left === undefined) await pause(MIN_PAUSE_MS, signal);
      else if (left > 0) await pause(Math.min(left, MAX_PAUSE_MS), signal);
      else if (!(await whenFree(() => updateIfDue(feed, own)))) await pause(MIN_PAUSE_MS, signal);
    }
  }

  /** Gives whether it is done: by this instance, or meanwhile by another one. */
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

  /** Whatever fails is logged, and gives undefined: the schedule goes on. */
  async function attempt<T>(feed: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ClairError)) log.error({ feed, err: error }, 'feed not updated');
      else if (error.code === 'update/locked') log.info({ feed }, 'feed is updated by another instance');
      else log.warn({ feed, code: error.code, reason: error.message }, 'feed not updated');
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
 * A feed that failed is tried again soon, any other when its interval has passed: also one whose newest data was refused,
 * since it takes a person to accept it, or a new publication to replace it.
 */
function retryAfter({ error, refused }: FeedState): number {
  return error === null || refused !== null ? Number.POSITIVE_INFINITY : RETRY_MS;
}

function fieldsOf(result: UpdateResult): object {
  if (result.kind === 'not-modified') return { isModified: false };
  return { isModified: true, ...result.counts, diagnostics: result.recordDiagnostics.count };
}

async function pauseOfClock(milliseconds: number, signal: AbortSignal): Promise<void> {
  // A server that only waits may end.
  await setTimeout(milliseconds, undefined, { signal, ref: false });
}
