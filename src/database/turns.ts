import { setImmediate } from 'node:timers/promises';

/** How long a loop runs before other work of the thread gets its turn. */
const TURN_MS = 10;

/** Gives a function for loops over many rows: it waits for the other work of the thread when their turn has come. */
export function takeTurns(): () => Promise<void> {
  let end = performance.now() + TURN_MS;
  return async () => {
    if (performance.now() < end) return;
    await setImmediate();
    end = performance.now() + TURN_MS;
  };
}
