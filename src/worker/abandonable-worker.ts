import type { Worker } from './worker.ts';

/** A worker whose analyses can be ended from outside. */
export type AbandonableWorker = Worker & {
  /** Ends the analyses of layers that run, and refuses new ones, for that reason. Nothing of them is stored. */
  readonly abandon: (reason: Error) => void;
};

/** Makes the analyses of layers of a worker ones that can be ended. */
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
