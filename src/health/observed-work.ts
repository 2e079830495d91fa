import type { FinishedWork } from './metrics.ts';
import type { Attributes, Tracing } from './tracing.ts';

/** What is observed of one kind of work. */
export type ObservedWork = {
  /** Does `work`, and tells how long it took and whether it failed. */
  readonly observe: <T>(attributes: Attributes, work: () => Promise<T>) => Promise<T>;
  /** How many were begun and are not finished, and how many were finished since the start. */
  readonly counts: () => { readonly running: number; readonly done: number; readonly failed: number };
};

export type ObservedWorkOptions = {
  /** What each is called in traces. */
  readonly name: string;
  readonly tracing: Pick<Tracing, 'span'>;
  readonly finished: (work: FinishedWork) => void;
  /** The current time in milliseconds. */
  readonly now: () => number;
};

/** Observes work of one kind. */
export function observedWork({ name, tracing, finished, now }: ObservedWorkOptions): ObservedWork {
  const counts = { running: 0, done: 0, failed: 0 };
  return {
    async observe(attributes, work) {
      const start = now();
      counts.running += 1;
      let isDone = false;
      try {
        const result = await tracing.span(name, attributes, work);
        isDone = true;
        return result;
      } finally {
        counts.running -= 1;
        counts[isDone ? 'done' : 'failed'] += 1;
        finished({ isDone, milliseconds: now() - start });
      }
    },
    counts: () => ({ ...counts }),
  };
}
