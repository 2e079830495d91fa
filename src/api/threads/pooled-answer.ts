import type { Readable } from 'node:stream';

/** Answers requests to routes marked `isLong` in threads with connections of their own. */
export type AnswerPool = {
  /**
   * Answers a request that was let in; a text when the answer is short, otherwise a stream.
   *
   * @throws what the route throws; ClairError `answer/limit-exceeded`, `answer/queue-full`; the reason of the signal, which ends the thread
   */
  readonly answer: (url: string, signal: AbortSignal) => Promise<PooledAnswer>;
  readonly close: () => Promise<void>;
};

export type PooledAnswer = AnswerHead & { readonly body: string | Readable };

export type AnswerHead = {
  readonly headers: Readonly<Record<string, string>>;
  /** The ids of the layers that the client asked for. */
  readonly asked: readonly number[];
};
