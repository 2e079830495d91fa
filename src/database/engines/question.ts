import type { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A request that only reads. Its queries go to the replica until one of them needs the primary, and from then on to the
 * primary, so that no query sees older data than the query before.
 */
export type Question = {
  usesPrimary: boolean;
  /** Whether the primary has answered, so that the replica may show older data. */
  hasSeenPrimary?: boolean;
  /** The identity of the replica that has answered; another standby may be behind this replica. */
  server?: bigint;
};

/** The question that the current code serves; without a question everything goes to the primary. */
export type Questions = AsyncLocalStorage<Question>;
