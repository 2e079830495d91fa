import { cpuUsage } from 'node:process';

const INTERVAL_MILLISECONDS = 5;

export type EventLoopWatch = {
  /** Ends the watch and returns the longest block in milliseconds. */
  readonly stop: () => number;
};

/**
 * Measures the blocks of the event loop. The length of a block is its processor time if that is shorter, because other
 * processes may take the processor. Blocks of less than 5 ms are not measured.
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
