import { describe, expect, it } from 'vitest';
import { ClairError } from '../errors.ts';
import { startCounting } from './counting-schedule.ts';

/** Runs the job for a number of pauses. Returns the times of the recounts, in seconds, and the logged messages. */
async function recounts(
  waits: number,
  {
    version = () => 1,
    recount = () => 0,
  }: { version?: (second: number) => number; recount?: (second: number) => number },
): Promise<{ readonly at: readonly number[]; readonly logged: readonly string[] }> {
  let second = 0;
  let left = waits;
  const at: number[] = [];
  const logged: string[] = [];
  await new Promise<void>((resolve) => {
    const log = (_fields: object, message: string): void => void logged.push(message);
    const schedule = startCounting({
      counter: {
        async recount() {
          at.push(second);
          return recount(second);
        },
      },
      version: async () => version(second),
      log: { info: log, warn: log, error: log },
      async pause(milliseconds, signal) {
        if (left === 0) void schedule.stop().then(resolve);
        signal.throwIfAborted();
        left -= 1;
        second += milliseconds / 1000;
      },
    });
  });
  return { at, logged };
}

describe('the job that counts images', () => {
  it('starts immediately and recounts a second after each write to the database', async () => {
    const { at } = await recounts(9, { version: (second) => (second < 3 ? 1 : second < 7 ? 2 : 3) });
    expect(at).toEqual([0, 3, 7]);
  });

  it('recounts every minute without a write', async () => {
    expect((await recounts(130, {})).at).toEqual([0, 60, 120]);
  });

  it('recounts after its own writes', async () => {
    let version = 1;
    const { at, logged } = await recounts(9, {
      version: () => version,
      recount: (second) => (second === 0 ? (version += 1) : 0),
    });
    expect([at, logged]).toEqual([[0, 1], ['images counted']]);
  });

  it.each([new ClairError('database/unavailable', 'no'), new Error('a defect')])(
    'retries a minute after %s',
    async (error) => {
      const { at, logged } = await recounts(3, {
        recount(second) {
          if (second === 0) throw error;
          return 0;
        },
      });
      expect([at, logged]).toEqual([[0, 61], ['counting images failed']]);
    },
  );
});
