import { setTimeout } from 'node:timers/promises';
import type { LayerStore } from '../database/contracts/layers.ts';
import { dayOf } from '../model/day.ts';

export type AskedLayersOptions = {
  readonly layers: Pick<LayerStore, 'noteAsked'>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Told of what could not be written; it is tried again. */
  readonly failed: (error: unknown) => void;
  readonly pause?: (milliseconds: number) => Promise<void>;
};

/** Notes of the layers that somebody asks for, which those who ask do not wait for. */
export type AskedLayers = {
  readonly note: (id: number) => void;
  /** Writes what was noted until now. */
  readonly flush: () => Promise<void>;
};

/** Notes wait so long for more of them, so that many are written at once. */
const WRITE_AFTER_MS = 5000;

/** How many layers are remembered to be noted today; with more of them some are written twice. */
const MAX_REMEMBERED = 100_000;

/** Of a layer one note a day is written, by each process. */
export function createAskedLayers({ layers, now, failed, pause = pauseOfClock }: AskedLayersOptions): AskedLayers {
  let day = dayOf(now());
  let written = new Set<number>();
  let waiting = new Set<number>();
  let isTimed = false;

  async function flush(): Promise<void> {
    if (waiting.size === 0) return;
    const [ids, notedOn] = [waiting, dayOf(now())];
    waiting = new Set();
    try {
      await layers.noteAsked([...ids], now());
      if (written.size + ids.size > MAX_REMEMBERED) written = new Set();
      if (notedOn === day) for (const id of ids) written.add(id);
    } catch (error) {
      for (const id of ids) waiting.add(id);
      throw error;
    }
  }

  async function flushLater(): Promise<void> {
    await pause(WRITE_AFTER_MS);
    isTimed = false;
    try {
      await flush();
    } catch (error) {
      failed(error);
    }
  }

  return {
    note(id) {
      if (day !== dayOf(now())) {
        day = dayOf(now());
        written = new Set();
      }
      if (written.has(id)) return;
      waiting.add(id);
      if (isTimed) return;
      isTimed = true;
      void flushLater();
    },
    flush,
  };
}

async function pauseOfClock(milliseconds: number): Promise<void> {
  // A process that only waits may end: whoever closes it writes what is left.
  await setTimeout(milliseconds, undefined, { ref: false });
}
