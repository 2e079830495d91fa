import type { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A read-only request. Its queries go to the replica until a query needs the primary; all later queries go to the
 * primary, so that no query sees older data than a previous query.
 */
export type Question = {
  usesPrimary: boolean;
  /** Whether the primary has answered a query; the replica may then show older data. */
  hasSeenPrimary?: boolean;
  /** The identity of the replica that has answered a query. Another standby may be behind this replica. */
  server?: bigint;
};

/** The question that the running code answers. Outside a question, all queries go to the primary. */
export type Questions = AsyncLocalStorage<Question>;
