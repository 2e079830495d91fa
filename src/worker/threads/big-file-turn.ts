import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ReadingTurn } from '../layer/layer-reader.ts';

/** Memory that threads share: which of them may have a big file in memory. */
export type TurnMemory = SharedArrayBuffer;

/** How long a thread sleeps before it looks again, should nobody wake it. */
const WAIT_MILLISECONDS = 1000;

/** The value of the memory when nobody has the turn. */
const NOBODY = 0;

/** Makes the memory of the turn, which nobody has yet. */
export function createTurnMemory(): TurnMemory {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/** The turn as `holder` takes it, a number above 0 that nobody else has. Waiting blocks the thread. */
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
    give() {
      if (Atomics.load(cell, 0) === holder) collectGarbage();
      giveUpTurn(memory, holder);
    },
  };
}

/** Ends the turn of `holder`, if it has it; its thread may be dead. */
export function giveUpTurn(memory: TurnMemory, holder: number): void {
  const cell = new Int32Array(memory);
  if (Atomics.compareExchange(cell, 0, holder, NOBODY) === holder) Atomics.notify(cell, 0);
}

/**
 * Frees what nothing refers to. The engine collects garbage by the size of its heap, in which a file of 200 MiB outside of
 * the heap does not count for much: each thread would keep the last one that it read.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
