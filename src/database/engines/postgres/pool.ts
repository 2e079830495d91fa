import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import pg, { type ClientBase, type Pool, type PoolClient, type PoolConfig, type QueryConfig } from 'pg';
import type { DatabaseFailure, DatabaseObserver } from '../database-observer.ts';
import { doneWithin } from '../done-within.ts';
import type { PostgresAddress } from './address.ts';
import { failureOf, isConnectionLoss, isFull, isOfAnotherServer } from './errors.ts';
import { VALUE_TYPES } from './types.ts';

/** How long one question may take, unless the address says otherwise. */
const READ_TIMEOUT_MS = 60_000;

/** How long one statement of a transaction may take, of which an update has thousands. */
const WRITE_TIMEOUT_MS = 10 * 60_000;

/** How long a transaction waits for another one; as long as with SQLite. */
const LOCK_TIMEOUT_MS = 60_000;

/** How long a transaction may do nothing: after that, whoever began it is taken for dead. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10 * 60_000;

/** A connection that nobody uses is closed after this time. */
const IDLE_TIMEOUT_MS = 30_000;

/** Beyond what the server allows: only a server that does not answer any more takes longer. */
const GRACE_MS = 10_000;

/**
 * After how long without traffic a connection is probed: a machine that vanishes says nothing, and of what is sent to it
 * then nothing is heard for as long as a statement may take.
 */
const KEEP_ALIVE_DELAY_MS = 15_000;

/** A connection that nobody used for so long is asked whether it still answers, and for how long it may think about it. */
const PROBE_AFTER_MS = 2000;
const PROBE_TIMEOUT_MS = 5000;

/** How long a server is waited for that has no connection left, or is not ready yet. */
const FULL_PATIENCE_MS = 5000;

/** How long what is under way on connections has when they are closed, which a server that does not answer never ends. */
const CLOSE_MS = 2000;

/** Connections that are used one after the other, made when they are needed, and never more than so many. */
export type ConnectionPool = {
  /**
   * Waits for a free connection, and gives it back. One that was lost meanwhile is not used again, nor one to a server that
   * no longer takes what it is for.
   */
  readonly use: <T>(work: (client: ClientBase) => Promise<T>) => Promise<T>;
  /**
   * Waits for what is under way on the connections, but not long: they are ended then, so that it fails as when a connection
   * is lost, and the server rolls it back. A connection that the server does not end by then is ended here.
   */
  readonly close: () => Promise<void>;
};

export type ConnectionPoolOptions = {
  /** How many connections there may be. */
  readonly size: number;
  /** What they are for: the server refuses writes on those that read. */
  readonly mode: 'read' | 'write';
  /**
   * When a connection is asked whether it still answers, in milliseconds since it was last used, and how long that may
   * take; after two seconds and for five when absent.
   */
  readonly probe?: { readonly after: number; readonly timeout: number };
  /** Who is told of what happens on them, and by which name. */
  readonly observed?: { readonly name: string; readonly observer: DatabaseObserver };
};

/** Makes a pool. Nothing is connected yet. */
export function createConnectionPool(
  { client, schema, statementTimeout = READ_TIMEOUT_MS }: PostgresAddress,
  { size, mode, probe = { after: PROBE_AFTER_MS, timeout: PROBE_TIMEOUT_MS }, observed }: ConnectionPoolOptions,
): ConnectionPool {
  const timeout = mode === 'read' ? statementTimeout : WRITE_TIMEOUT_MS;
  const sockets = new Set<Socket>();
  const options: PoolConfig = {
    ...client,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    types: VALUE_TYPES,
    max: size,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    ...(timeout > 0 && { query_timeout: timeout + GRACE_MS }),
  };
  const pool: Pool = new pg.Pool(options);
  // An idle connection that is lost is taken out of the pool; whoever needs one next makes it, or is told why not.
  pool.on('error', () => undefined);
  const lost = new WeakSet<ClientBase>();
  // From its first moment on: the server may say in one breath that it is ready and that it ends, which is before whoever
  // waits for the connection has it, and an error that nobody listens to would end this process.
  pool.on('connect', (connection) => connection.on('error', () => lost.add(connection)));
  // So that the pool's own waiting never counts as the time that a connection takes.
  const limit = pLimit(size);
  const settings = settingsOf({ schema, timeout, mode });
  /** When each connection was last used, of those that have their settings. */
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

  /** Gives a connection that answers: those that do not are closed, and at last there is a new one. */
  async function connected(): Promise<PoolClient> {
    for (;;) {
      const connection = await connect();
      try {
        const last = usedAt.get(connection);
        if (last === undefined) await connection.query(settings);
        else if (Date.now() - last >= probe.after) await connection.query(probeWithin(probe.timeout));
        return connection;
      } catch (error) {
        connection.release(true);
        tellFailure(error);
        if (!usedAt.has(connection) || !isConnectionLoss(error)) throw error;
      }
    }
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
  // An error is told to whoever uses the connection; the end comes behind it.
  await new Promise((resolve) => socket.once('close', resolve));
}

/** Where a database is, without what is secret: `postgres://user@host:5432/name`. */
export function shownAddress({ client }: PostgresAddress): string {
  // A client fills in what the environment says, and connects later only.
  const { user = '', host, port, database = '' } = new pg.Client(client);
  return host.startsWith('/')
    ? `postgres://${user}@/${database}?host=${host}`
    : `postgres://${user}@${host}:${port}/${database}`;
}

/** `query_timeout` counts for one query too (node-postgres.com/apis/client), which its types do not say. */
function probeWithin(timeout: number): QueryConfig {
  return { text: 'SELECT 1', query_timeout: timeout } as QueryConfig;
}

/** The pauses between attempts, in milliseconds: twice as long each time, up to two seconds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** Tries until it goes well, it is clear that it will not, or so many milliseconds have passed. */
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
 * The order of joins is the one that statements state, and each step of it a lookup in an index: on a database that was
 * filled a moment ago the planner knows nothing yet, and would read whole tables (docs/adr/0007). JIT costs more than such
 * queries take.
 */
const PLANNER = [
  'join_collapse_limit = 1',
  'enable_hashjoin = off',
  'enable_mergejoin = off',
  'enable_seqscan = off',
  'enable_bitmapscan = off',
  'enable_material = off',
  'jit = off',
];

function settingsOf({
  schema,
  timeout,
  mode,
}: {
  readonly schema: string | undefined;
  readonly timeout: number;
  readonly mode: 'read' | 'write';
}): string {
  const settings = [
    ...PLANNER,
    ...(schema === undefined ? [] : [`search_path = "${schema}"`]),
    `statement_timeout = ${timeout}`,
    `lock_timeout = ${LOCK_TIMEOUT_MS}`,
    `idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
    // The server finds out within two minutes that a machine with open transactions is gone.
    'tcp_keepalives_idle = 60',
    'tcp_keepalives_interval = 15',
    'tcp_keepalives_count = 4',
    ...(mode === 'read' ? ['default_transaction_read_only = on'] : []),
  ];
  return settings.map((setting) => `SET ${setting}`).join('; ');
}
