import type { Readable } from 'node:stream';

/** Handles requests to routes marked `isLong` in threads with their own database connections. */
export type AnswerPool = {
  /**
   * Handles an authorized request. The body of the response is a text if it is short, otherwise a stream.
   *
   * @throws the errors of the route; ClairError `answer/limit-exceeded`, `answer/queue-full`; the abort reason of the
   * signal; an abort stops the thread
   */
  readonly answer: (request: PooledRequest, signal: AbortSignal) => Promise<PooledAnswer>;
  readonly close: () => Promise<void>;
};

/** The parts of a request that a route marked `isLong` can read. */
export type PooledRequest = {
  readonly url: string;
  /** The text of the body, which the thread parses; only POST requests have a body. */
  readonly body?: string | undefined;
  /** The `Accept` header, if the request has one. */
  readonly accept?: string | undefined;
};

export type PooledAnswer = AnswerHead & { readonly body: string | Readable };

export type AnswerHead = {
  readonly headers: Readonly<Record<string, string>>;
  /** The IDs of the requested layers. */
  readonly asked: readonly number[];
};
