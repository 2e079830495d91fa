import type { Worker } from './worker.ts';

export type AbandonableWorker = Worker & {
  /**
   * Aborts the running layer analyses, and rejects them and all later analyses with `reason`. Aborted analyses store
   * nothing.
   */
  readonly abandon: (reason: Error) => void;
};

/** Wraps a worker so that its layer analyses can be aborted. */
export function abandonableWorker(worker: Worker): AbandonableWorker {
  const abandoned = new AbortController();
  return {
    ...worker,
    async analyzeLayer(submission) {
      abandoned.signal.throwIfAborted();
      const { signal } = submission;
      const either = signal === undefined ? abandoned.signal : AbortSignal.any([abandoned.signal, signal]);
      return await worker.analyzeLayer({ ...submission, signal: either });
    },
    abandon: (reason) => abandoned.abort(reason),
  };
}
