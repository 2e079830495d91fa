/** Receives database events for metrics. */
export type DatabaseObserver = {
  /** A query or transaction succeeded or failed. */
  readonly asked: (question: { readonly query: string; readonly milliseconds: number }) => void;
  /** The database server or the connection failed; the query may be retried. */
  readonly failed: (failure: { readonly kind: DatabaseFailure }) => void;
  readonly poolOpened: (pool: ObservedPool) => void;
};

/**
 * No connection; aborted for another transaction or a removed row; timeout; no permission; out of memory, disk or
 * connections, or a value too large; anything else.
 */
export type DatabaseFailure = 'connection' | 'conflict' | 'timeout' | 'refused' | 'limit' | 'other';

/** The connections of one pool, and the queries that wait for one. */
export type ObservedPool = {
  readonly name: string;
  readonly connections: () => { readonly busy: number; readonly idle: number; readonly waiting: number };
};
