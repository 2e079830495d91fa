/** Told of what happens in the database; what it makes of it are metrics. */
export type DatabaseObserver = {
  /** A question or a change was answered, or failed, after so long. */
  readonly asked: (question: { readonly query: string; readonly milliseconds: number }) => void;
  /** The database server, or the way to it, failed at something, which may be tried again. */
  readonly failed: (failure: { readonly kind: DatabaseFailure }) => void;
  readonly poolOpened: (pool: ObservedPool) => void;
};

/**
 * What kind of failure: no connection; given up for another transaction, or for a row that just went; took or waited too
 * long; no right to it; memory, disk, connections or the size of a value; anything else.
 */
export type DatabaseFailure = 'connection' | 'conflict' | 'timeout' | 'refused' | 'limit' | 'other';

/** Connections of one purpose, and who waits for one of them. */
export type ObservedPool = {
  readonly name: string;
  readonly connections: () => { readonly busy: number; readonly idle: number; readonly waiting: number };
};
