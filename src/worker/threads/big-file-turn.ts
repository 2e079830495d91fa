import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ReadingTurn } from '../layer/big-file-watch.ts';

/** Shared memory that records which task may have a big file in memory. */
export type TurnMemory = SharedArrayBuffer;

/** The maximum time that a thread sleeps between checks if no other thread wakes it. */
const WAIT_MILLISECONDS = 1000;

const NOBODY = 0;

/** Creates the shared memory for a turn, which is free at first. */
export function createTurnMemory(): TurnMemory {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/** Returns the turn for `holder`, a unique number above 0. Waiting blocks the thread. */
export function turnOf(memory: TurnMemory, holder: number): ReadingTurn {
  const cell = new Int32Array(memory);
  return {
    take() {
      for (;;) {
        const other = Atomics.compareExchange(cell, 0, NOBODY, holder);
        if (other === NOBODY || other === holder) return;
        Atomics.wait(cell, 0, other, WAIT_MILLISECONDS);
      }
    },
    give({ isFreed }) {
      if (!isFreed && Atomics.load(cell, 0) === holder) collectGarbage();
      giveUpTurn(memory, holder);
    },
  };
}

/** Ends the turn of `holder`, if `holder` has the turn; the thread of `holder` may have terminated. */
export function giveUpTurn(memory: TurnMemory, holder: number): void {
  const cell = new Int32Array(memory);
  if (Atomics.compareExchange(cell, 0, holder, NOBODY) === holder) Atomics.notify(cell, 0);
}

/**
 * Collects garbage, because V8 schedules collections by the size of its heap, which excludes file buffers. Without this
 * call, each thread would keep its last file of up to 200 MiB.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
