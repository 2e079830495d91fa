import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import pg, { type ClientBase, type Pool, type PoolClient, type PoolConfig, type QueryConfig } from 'pg';
import type { DatabaseFailure, DatabaseObserver } from '../database-observer.ts';
import { doneWithin } from '../../../threads/done-within.ts';
import type { PostgresAddress } from './address.ts';
import { failureOf, hasNoTls, isConnectionLoss, isFull, isOfAnotherServer, noServer } from './errors.ts';
import { BatchingSocket } from './sockets/batching-socket.ts';
import { createServerChoice } from './server-choice.ts';
import { VALUE_TYPES } from './types.ts';

/** Maximum duration of a query unless the address sets a different maximum. */
const READ_TIMEOUT_MS = 60_000;

/** The maximum duration of a statement in an update, which writes many rows. */
const WRITE_TIMEOUT_MS = 10 * 60_000;

/** The maximum time that a transaction waits for another transaction; SQLite has the same maximum. */
const LOCK_TIMEOUT_MS = 60_000;

/**
 * The maximum idle time of a transaction. The server aborts a transaction that is idle for longer, because its process
 * is probably dead.
 */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10 * 60_000;

const IDLE_TIMEOUT_MS = 30_000;

/** The time added to the server's own timeout; only an unresponsive server takes longer. */
const GRACE_MS = 10_000;

/** Idle time before TCP probes. Without probes, a query to an unreachable machine would wait for its whole timeout. */
const KEEP_ALIVE_DELAY_MS = 15_000;

/** The idle time after which a connection is tested before use, and the timeout of the test. */
const PROBE_AFTER_MS = 2000;
const PROBE_TIMEOUT_MS = 5000;

/** The maximum time to wait for a server that has no free connection or is not ready. */
const FULL_PATIENCE_MS = 5000;

/**
 * The maximum time that closing a pool waits for running queries. An unresponsive server would never end its queries.
 */
const CLOSE_MS = 2000;

/** A limited number of connections, opened on demand and reused. */
export type ConnectionPool = {
  /**
   * Waits for a free connection, runs `work` and puts the connection back. A lost connection, or a connection to a
   * server that became read-only, is closed instead.
   */
  readonly use: <T>(work: (client: ClientBase) => Promise<T>) => Promise<T>;
  /**
   * Waits a short time for running queries, then closes their connections, so that the queries fail and the server
   * rolls back.
   */
  readonly close: () => Promise<void>;
};

/**
 * In `read` mode, the server rejects writes. The `name` mode is for the rows that `ensureMany` inserts: commits do not
 * wait for the disk. A transaction that uses the rows commits later, and this later commit waits for all earlier
 * commits.
 */
export type PoolMode = 'read' | 'write' | 'name';

export type ConnectionPoolOptions = {
  readonly size: number;
  readonly mode: PoolMode;
  /**
   * Sends queries without waiting for the answers to previous queries, so that the user of a connection need not await
   * each query.
   */
  readonly pipeline?: boolean;
  /**
   * The idle time after which a connection is tested, and the timeout of the test, in milliseconds; 2 seconds and 5
   * seconds when absent.
   */
  readonly probe?: { readonly after: number; readonly timeout: number };
  /** The observer that receives the events of the pool, and the name of the pool in these events. */
  readonly observed?: { readonly name: string; readonly observer: DatabaseObserver };
};

/** Creates a pool without connecting. */
export function createConnectionPool(
  address: PostgresAddress,
  {
    size,
    mode,
    pipeline = false,
    probe = { after: PROBE_AFTER_MS, timeout: PROBE_TIMEOUT_MS },
    observed,
  }: ConnectionPoolOptions,
): ConnectionPool {
  const { client, schema, statementTimeout = READ_TIMEOUT_MS } = address;
  const timeout = mode === 'read' ? statementTimeout : WRITE_TIMEOUT_MS;
  const sockets = new Set<Socket>();
  const choice = createServerChoice(address);
  const options: PoolConfig = {
    ...client,
    Client: choice.Client,
    stream: () => {
      const socket = pipeline ? new BatchingSocket() : new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    types: VALUE_TYPES,
    pipeline,
    max: size,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    ...(timeout > 0 && { query_timeout: timeout + GRACE_MS }),
  };
  const pool: Pool = new pg.Pool(options);
  // Ignore errors of idle connections: the next user opens a new connection, or receives the error.
  pool.on('error', () => undefined);
  const lost = new WeakSet<ClientBase>();
  // Listen from the start, because the server may close a connection before the user of the connection listens, and an
  // unhandled error event would end the process.
  pool.on('connect', (connection) => connection.on('error', () => lost.add(connection)));
  // The limit is outside the pool, so that the connect timeout does not include the waiting time.
  const limit = pLimit(size);
  const settings = settingsOf({ schema, timeout, mode });
  /** The time of the last use of each connection that already has its settings. */
  const usedAt = new WeakMap<ClientBase, number>();
  observed?.observer.poolOpened({
    name: observed.name,
    connections: () => ({ busy: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: limit.pendingCount }),
  });

  function tellFailure(error: unknown, otherwise?: DatabaseFailure): void {
    const kind = failureOf(error) ?? otherwise;
    if (kind !== undefined) observed?.observer.failed({ kind });
  }

  async function connect(): Promise<PoolClient> {
    try {
      return await patiently(() => pool.connect(), { patience: FULL_PATIENCE_MS, isPassing: isFull });
    } catch (error) {
      tellFailure(error, 'connection');
      throw error;
    }
  }

  /**
   * Returns a connection that responds. Closes connections that do not respond; without another connection, connects to
   * the first acceptable server.
   */
  async function connected(): Promise<PoolClient> {
    for (let tried = 0; ; ) {
      const server = choice.current();
      try {
        const connection = await connect();
        if (await isReady(connection, tried)) return connection;
      } catch (error) {
        if (hasNoTls(error) && choice.goWithoutTls(server)) continue;
        tried += 1;
        if (!isConnectionLoss(error) || tried >= choice.attempts) throw error;
        choice.leave(server);
      }
    }
  }

  /** Returns false for an old connection that is lost; releases a connection that is not ready. */
  async function isReady(connection: PoolClient, tried: number): Promise<boolean> {
    try {
      const last = usedAt.get(connection);
      if (last === undefined) await begin(connection, tried);
      else if (Date.now() - last >= probe.after) await connection.query(probeWithin(probe.timeout));
      return true;
    } catch (error) {
      connection.release(true);
      tellFailure(error);
      if (!usedAt.has(connection) || !isConnectionLoss(error)) throw error;
      return false;
    }
  }

  async function begin(connection: PoolClient, tried: number): Promise<void> {
    await connection.query(settings);
    if (!choice.isPicky) return;
    const { rows } = await connection.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
    if (!choice.accepts(rows[0]?.standby === true, tried)) throw noServer(address.role ?? 'any');
  }

  return {
    use: (work) =>
      limit(async () => {
        const connection = await connected();
        try {
          return await work(connection);
        } catch (error) {
          if (isConnectionLoss(error) || isOfAnotherServer(error)) lost.add(connection);
          tellFailure(error);
          throw error;
        } finally {
          usedAt.set(connection, Date.now());
          connection.release(lost.has(connection));
        }
      }),
    async close() {
      const ended = pool.end();
      if (await doneWithin(Promise.all([ended, ...[...sockets].map(closed)]), CLOSE_MS)) return;
      for (const socket of sockets) socket.destroy();
      await ended;
    },
  };
}

async function closed(socket: Socket): Promise<void> {
  // Ignore the error event, because the user of the connection receives the error; a close event always follows.
  await new Promise((resolve) => socket.once('close', resolve));
}

/** Returns the address without secrets: `postgres://user@host:5432/name`. */
export function shownAddress({ client, servers }: PostgresAddress): string {
  // The constructor of the client adds values from the environment, and does not connect.
  const { user = '', host, database = '' } = new pg.Client(client);
  if (host.startsWith('/')) return `postgres://${user}@/${database}?host=${host}`;
  const shown = servers
    .map((server) => new pg.Client({ ...client, ...server }))
    .map((each) => `${each.host}:${each.port}`);
  return `postgres://${user}@${shown.join(',')}/${database}`;
}

/**
 * `query_timeout` can also be set for a single query (node-postgres.com/apis/client), but the published type does not
 * contain it.
 */
function probeWithin(timeout: number): QueryConfig {
  return { text: 'SELECT 1', query_timeout: timeout } as QueryConfig;
}

/**
 * The first and the longest pause between attempts, in milliseconds; each pause is twice as long as the pause before.
 */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** Retries until the task succeeds, fails permanently, or `patience` milliseconds have passed. */
export async function patiently<T>(
  task: () => Promise<T>,
  { patience, isPassing }: { readonly patience: number; readonly isPassing: (error: unknown) => boolean },
): Promise<T> {
  const deadline = Date.now() + patience;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await task();
    } catch (error) {
      if (!isPassing(error) || Date.now() + pause > deadline) throw error;
    }
    await setTimeout(pause);
  }
}

/**
 * Joins run in statement order, each as an index lookup. Without statistics, as on a database that was just filled, the
 * planner would read whole tables (docs/explanation/adr/0007). JIT compilation takes longer than these queries.
 * Planning a prepared statement for each set of values also takes longer, and the plan does not depend on the values.
 */
const PLANNER = [
  'join_collapse_limit = 1',
  'enable_hashjoin = off',
  'enable_mergejoin = off',
  'enable_seqscan = off',
  'enable_bitmapscan = off',
  'enable_material = off',
  'jit = off',
  'plan_cache_mode = force_generic_plan',
  // If PostgreSQL expects a hash table of more than this multiple of work_mem, it compares each row with each row of
  // the subquery.
  'hash_mem_multiplier = 32',
];

function settingsOf({
  schema,
  timeout,
  mode,
}: {
  readonly schema: string | undefined;
  readonly timeout: number;
  readonly mode: PoolMode;
}): string {
  const settings = [
    ...PLANNER,
    ...(schema === undefined ? [] : [`search_path = "${schema}"`]),
    `statement_timeout = ${timeout}`,
    `lock_timeout = ${LOCK_TIMEOUT_MS}`,
    `idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
    // The server detects within two minutes that a machine with open transactions does not respond.
    'tcp_keepalives_idle = 60',
    'tcp_keepalives_interval = 15',
    'tcp_keepalives_count = 4',
    ...(mode === 'read' ? ['default_transaction_read_only = on'] : []),
    ...(mode === 'name' ? ['synchronous_commit = off'] : []),
  ];
  return settings.map((setting) => `SET ${setting}`).join('; ');
}
