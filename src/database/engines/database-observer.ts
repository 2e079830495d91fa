import type { ReplicaStatus } from './replica-status.ts';

/** Receives database events for metrics. */
export type DatabaseObserver = {
  /** A query or transaction succeeded or failed. */
  readonly asked: (question: { readonly query: string; readonly milliseconds: number }) => void;
  /** The database server or the connection failed; a retry may succeed. */
  readonly failed: (failure: { readonly kind: DatabaseFailure }) => void;
  readonly poolOpened: (pool: ObservedPool) => void;
  readonly replicaOpened: (status: () => ReplicaStatus) => void;
};

/**
 * `conflict` is an abort because of another transaction or a removed row. `refused` is a failed login, a missing
 * permission or database, or a read-only server. `limit` is a lack of memory, disk space or connections, or a value
 * that is too large.
 */
export type DatabaseFailure = 'connection' | 'conflict' | 'timeout' | 'refused' | 'limit' | 'other';

export type ObservedPool = {
  readonly name: string;
  readonly connections: () => { readonly busy: number; readonly idle: number; readonly waiting: number };
};
