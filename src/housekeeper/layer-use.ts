import { setTimeout } from 'node:timers/promises';
import type { LayerStore } from '../database/contracts/layers.ts';
import { dayOf } from '../model/time/day.ts';

export type LayerUseOptions = {
  readonly layers: Pick<LayerStore, 'noteUse'>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Receives the error if a write fails; the write is retried. */
  readonly failed: (error: unknown) => void;
  readonly pause?: (milliseconds: number) => Promise<void>;
};

/** Records the day on which each layer was last used. Requests do not wait for the write. */
export type LayerUse = {
  readonly note: (id: number) => void;
  /** Writes all recorded uses. */
  readonly flush: () => Promise<void>;
};

/** The delay before recorded uses are written in a batch. */
const WRITE_AFTER_MS = 5000;

/**
 * The maximum number of layers in the list of uses that were written today. With more layers, some uses are written
 * twice.
 */
const MAX_REMEMBERED = 100_000;

/** Creates the recorder of layer uses. Each process normally writes at most one use of a layer per day. */
export function createLayerUse({ layers, now, failed, pause = pauseOfClock }: LayerUseOptions): LayerUse {
  let day = dayOf(now());
  let written = new Set<number>();
  let waiting = new Set<number>();
  let isTimed = false;

  async function flush(): Promise<void> {
    if (waiting.size === 0) return;
    const [ids, notedOn] = [waiting, dayOf(now())];
    waiting = new Set();
    try {
      await layers.noteUse([...ids], now());
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
  // The timer must not keep the process alive; the remaining uses are flushed when Clair closes.
  await setTimeout(milliseconds, undefined, { ref: false });
}
