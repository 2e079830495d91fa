import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClairError } from '../errors.ts';
import type { FeedState } from '../model/feed.ts';
import { type Schedule, type ScheduleOptions, startSchedule } from './schedule.ts';
import type { UpdateOptions } from './updater.ts';
import type { UpdateResult } from './update-result.ts';

const HOUR_MS = 60 * 60_000;
const COUNTS = { added: 1, changed: 0, withdrawn: 0, unchanged: 0 };

let time: number;
let states: Map<string, FeedState>;
let events: string[];
let schedule: Schedule | undefined;
beforeEach(() => {
  time = 100 * HOUR_MS;
  states = new Map();
  events = [];
});
afterEach(async () => await schedule?.stop());

function stateOf(
  feed: string,
  hoursAgo: number,
  error: string | null = null,
  refused: string | null = null,
): FeedState {
  const lastAttempt = time - hoursAgo * HOUR_MS;
  const none = { fetcherVersion: 1, etag: null, lastModified: null, staleAfter: null, vulnerabilities: 1 };
  return {
    ...none,
    feed,
    lastAttempt,
    lastSuccess: lastAttempt,
    error,
    refused,
    recordDiagnostics: { count: 0, examples: [] },
  };
}

const minutes = (milliseconds: number): number => Math.round(milliseconds / 60_000);

/** Runs a schedule with an interval of two hours on a simulated clock, and stops after a number of waits. */
async function run(waits: number, options: Partial<ScheduleOptions> = {}): Promise<readonly string[]> {
  let left = waits;
  await new Promise<void>((resolve) => {
    schedule = startSchedule({
      updater: { update },
      states: { find: async (feed) => states.get(feed) },
      intervals: new Map([['debian', 2 * HOUR_MS]]),
      now: () => time,
      log: { info: note('info'), warn: note('warn'), error: note('error') },
      random: () => 0.5,
      async pause(milliseconds, signal) {
        events.push(`wait ${minutes(milliseconds)}`);
        left -= 1;
        if (left > 0) time += milliseconds;
        else {
          resolve();
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
        }
      },
      ...options,
    });
  });
  return events;
}

async function update(feed: string): Promise<UpdateResult> {
  events.push(`update ${feed}`);
  states.set(feed, stateOf(feed, 0));
  return { kind: 'updated', counts: COUNTS, recordDiagnostics: { count: 0, examples: [] } };
}

function note(level: string): (fields: object, message: string) => void {
  return (fields, message) => events.push(`${level} ${message} ${JSON.stringify(fields)}`);
}

const updated = expect.stringContaining('info feed updated {"feed":"debian","isModified":true,"added":1');

describe('a schedule', () => {
  it('updates a new feed immediately, then after every interval', async () => {
    const once = ['update debian', updated];
    expect(await run(3)).toEqual([...once, 'wait 120', ...once, 'wait 120', ...once, 'wait 120']);
  });

  it('waits for the rest of the interval, even after a restart', async () => {
    states.set('debian', stateOf('debian', 1.5));
    expect(await run(1)).toEqual(['wait 30']);
  });

  it('varies the interval, so that instances do not update at the same time', async () => {
    states.set('debian', stateOf('debian', 0));
    expect(await run(1, { random: () => 0 })).toEqual(['wait 108']);
  });

  it('splits a wait that exceeds the maximum of a timer', async () => {
    states.set('debian', stateOf('debian', 0));
    const intervals = new Map([['debian', 60 * HOUR_MS]]);
    expect(await run(4, { intervals })).toEqual([
      'wait 1440',
      'wait 1440',
      'wait 720',
      'update debian',
      updated,
      'wait 1440',
    ]);
  });

  it('retries a failed feed before the end of the interval', async () => {
    states.set('debian', stateOf('debian', 0, 'no route'));
    expect(await run(2)).toEqual(['wait 10', 'update debian', updated, 'wait 120']);
  });

  it('waits for the whole interval after a refusal', async () => {
    states.set('debian', stateOf('debian', 0, 'shrank', 'shrank'));
    expect(await run(2)).toEqual(['wait 120', 'update debian', updated, 'wait 120']);
  });

  it('logs the error of a failed feed and continues', async () => {
    const failing = async (feed: string): Promise<never> => {
      states.set(feed, stateOf(feed, 0, 'no route'));
      throw new ClairError('bytes/unreachable', 'no route');
    };
    const told = 'warn feed update failed {"feed":"debian","code":"bytes/unreachable","reason":"no route"}';
    expect(await run(3, { updater: { update: failing } })).toEqual([told, 'wait 1', 'wait 9', told, 'wait 1']);
  });

  it('always pauses between attempts, even without a database', async () => {
    const find = async (): Promise<never> => await Promise.reject(new Error('disk'));
    expect(await run(2, { states: { find } })).toEqual([
      expect.stringContaining('error feed update failed'),
      'wait 1',
      expect.stringContaining('error feed update failed'),
      'wait 1',
    ]);
  });

  it('does not repeat the update of another instance', async () => {
    const locked = async (feed: string): Promise<never> => {
      states.set(feed, stateOf(feed, 0));
      throw new ClairError('update/locked', 'taken');
    };
    expect(await run(2, { updater: { update: locked } })).toEqual([
      'info feed update skipped: another process is updating the feed {"feed":"debian"}',
      'wait 1',
      'wait 119',
    ]);
  });

  it('aborts the running update when it is stopped', async () => {
    let signal: AbortSignal | undefined;
    const hanging = async (_: string, options: UpdateOptions = {}): Promise<never> => {
      ({ signal } = options);
      return await new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('ended'))),
      );
    };
    schedule = startSchedule({
      updater: { update: hanging },
      states: { find: async () => undefined },
      intervals: new Map([['debian', HOUR_MS]]),
      now: () => time,
      log: { info: note('info'), warn: note('warn'), error: note('error') },
    });
    await expect.poll(() => signal).toBeDefined();
    await schedule.stop();
    expect(signal?.aborted).toBe(true);
    expect(events).toEqual([]);
  });
});
