import { cpuUsage } from 'node:process';

const INTERVAL_MILLISECONDS = 5;

export type EventLoopWatch = {
  /** Stops measuring and returns the longest time for which the event loop was blocked, in milliseconds. */
  readonly stop: () => number;
};

/**
 * Measures how long the event loop is blocked. If a block took less processor time than wall time, only the processor
 * time counts, because other processes might have used the processor. Blocks of less than 5 ms are not measured.
 */
export function watchEventLoop(): EventLoopWatch {
  let longest = 0;
  let at = performance.now();
  let used = cpuUsage();
  const look = (): void => {
    const { user, system } = cpuUsage(used);
    const milliseconds = Math.min(performance.now() - at, (user + system) / 1000);
    longest = Math.max(longest, milliseconds - INTERVAL_MILLISECONDS);
    at = performance.now();
    used = cpuUsage();
  };
  const timer = setInterval(look, INTERVAL_MILLISECONDS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return longest;
    },
  };
}
