import { describe, expect, it } from 'vitest';
import { ClairError } from '../errors.ts';
import type { LastHousekeeping } from './housekeeper.ts';
import { startHousekeeping } from './housekeeping-schedule.ts';

const MINUTE = 60_000;
const INTERVAL = 60 * MINUTE;

type Looks = { readonly runs: number[]; readonly logged: string[] };

/** Runs a schedule for a number of checks on a clock that advances with the pauses of the schedule; `run` may fail. */
async function looks(
  count: number,
  {
    last: first,
    run = async () => undefined,
    undelivered = [],
  }: { last?: number; run?: (at: number) => Promise<void>; undelivered?: readonly string[] },
): Promise<Looks> {
  let time = 0;
  let last = first;
  let left = count;
  const runs: number[] = [];
  const logged: string[] = [];
  await new Promise<void>((resolve) => {
    const log = (_fields: object, message: string): void => void logged.push(message);
    const schedule = startHousekeeping({
      housekeeper: {
        last: async () => (last === undefined ? undefined : ({ at: last, tables: [] } satisfies LastHousekeeping)),
        async run() {
          runs.push(time);
          await run(time);
          last = time;
          return { removed: NOTHING, undelivered };
        },
      },
      interval: INTERVAL,
      now: () => time,
      log: { info: log, warn: log, error: log },
      random: () => 0,
      async pause(milliseconds, signal) {
        if (left === 0) void schedule.stop().then(resolve);
        signal.throwIfAborted();
        left -= 1;
        time += milliseconds;
      },
    });
  });
  return { runs, logged };
}

const NOTHING = {
  image: 0,
  layer: 0,
  layer_contents: 0,
  notification: 0,
  update_notification: 0,
  change_log: 0,
  program: 0,
  feature: 0,
  line: 0,
  namespace: 0,
};

describe('the schedule of housekeeping', () => {
  it('runs a few minutes after the start and then after each interval', async () => {
    const { runs } = await looks(14, {});
    expect(runs).toEqual([10 * MINUTE, 70 * MINUTE, 130 * MINUTE]);
  });

  it('takes runs of other instances into account', async () => {
    const { runs } = await looks(7, { last: -10 * MINUTE });
    expect(runs).toEqual([50 * MINUTE]);
  });

  it.each<[Error, string]>([
    [new ClairError('housekeeping/locked', 'no'), 'housekeeping skipped: another instance is running housekeeping'],
    [new ClairError('database/unavailable', 'no'), 'housekeeping failed'],
    [new Error('a defect'), 'housekeeping failed'],
  ])('retries at the next check after %s', async (error, message) => {
    const { runs, logged } = await looks(3, {
      async run(at) {
        if (at === 10 * MINUTE) throw error;
      },
    });
    expect(runs).toEqual([10 * MINUTE, 20 * MINUTE]);
    expect(logged).toEqual([message, 'housekeeping done']);
  });

  it('warns of deleted notifications that were never delivered', async () => {
    const { logged } = await looks(2, { undelivered: ['n1'] });
    expect(logged).toEqual(['deleted expired notifications that were never delivered', 'housekeeping done']);
  });

  it('never runs with an interval of 0', async () => {
    const fail = async (): Promise<never> => await Promise.reject(new Error('asked'));
    const log = (): void => expect.unreachable();
    const schedule = startHousekeeping({
      housekeeper: { last: fail, run: fail },
      interval: 0,
      now: () => 0,
      log: { info: log, warn: log, error: log },
      pause: fail,
    });
    await schedule.stop();
  });
});
