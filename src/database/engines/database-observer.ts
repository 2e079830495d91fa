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
 * `conflict`: aborted because of another transaction or a removed row; `refused`: no permission; `limit`: out of
 * memory, disk or connections, or a value too large.
 */
export type DatabaseFailure = 'connection' | 'conflict' | 'timeout' | 'refused' | 'limit' | 'other';

export type ObservedPool = {
  readonly name: string;
  readonly connections: () => { readonly busy: number; readonly idle: number; readonly waiting: number };
};
