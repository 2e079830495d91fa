import { setImmediate } from 'node:timers/promises';

/** The time for which a loop runs before other work of the thread may run. */
const TURN_MS = 10;

/** Lets other work of the thread run during a loop over many rows. */
export type Turns = {
  /**
   * Returns whether the loop has run for {@link TURN_MS}. Callers must check `areDue()` before `take()`, because an
   * unneeded await takes longer than a short loop.
   */
  areDue(): boolean;
  /** Resolves after other work of the thread has run. */
  take(): Promise<void>;
};

/** Creates the turns of a loop: `if (turns.areDue()) await turns.take();`. */
export function createTurns(): Turns {
  let end = performance.now() + TURN_MS;
  return {
    areDue: () => performance.now() >= end,
    async take() {
      await setImmediate();
      end = performance.now() + TURN_MS;
    },
  };
}
