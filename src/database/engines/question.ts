import type { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A read-only request. The queries of a request go to the replica until a query needs the primary. All later queries go
 * to the primary, so that no query returns older data than a previous query.
 */
export type Question = {
  usesPrimary: boolean;
  /** Whether the primary has answered a query; the replica may then have older data. */
  hasSeenPrimary?: boolean;
  /** The identity of the replica that has answered a query. Another standby may be behind this replica. */
  server?: bigint;
};

/** The question that the running code answers. Outside a question, all queries go to the primary. */
export type Questions = AsyncLocalStorage<Question>;
