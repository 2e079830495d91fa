import type { FinishedWork } from './metrics.ts';
import type { Attributes, Tracing } from './tracing.ts';

/** Records the duration, counts and traces of a kind of work. */
export type ObservedWork = {
  /** Runs `work` in a span and records its duration and outcome. */
  readonly observe: <T>(attributes: Attributes, work: () => Promise<T>) => Promise<T>;
  /** Returns the number of running executions, and the numbers of successful and failed executions since the start. */
  readonly counts: () => { readonly running: number; readonly done: number; readonly failed: number };
};

export type ObservedWorkOptions = {
  /** The name of the spans. */
  readonly name: string;
  readonly tracing: Pick<Tracing, 'span'>;
  readonly finished: (work: FinishedWork) => void;
  /** The current time in milliseconds. */
  readonly now: () => number;
};

/** Creates the recorder of a kind of work, with zero counts. */
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
