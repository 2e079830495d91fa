import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import pg, { type ClientBase, type Pool, type PoolConfig } from 'pg';
import type { PostgresAddress } from './postgres-address.ts';
import { isConnectionLoss } from './postgres-errors.ts';
import { VALUE_TYPES } from './postgres-values.ts';

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

/** Connections that are used one after the other, made when they are needed, and never more than so many. */
export type ConnectionPool = {
  /** Waits for a free connection, and gives it back. One that was lost meanwhile is not used again. */
  readonly use: <T>(work: (client: ClientBase) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

/**
 * Makes a pool. Nothing is connected yet.
 *
 * @param size how many connections there may be
 * @param mode what they are for: the server refuses writes on those that read
 */
export function createConnectionPool(
  { client, schema, statementTimeout = READ_TIMEOUT_MS }: PostgresAddress,
  { size, mode }: { readonly size: number; readonly mode: 'read' | 'write' },
): ConnectionPool {
  const timeout = mode === 'read' ? statementTimeout : WRITE_TIMEOUT_MS;
  const options: PoolConfig = {
    ...client,
    types: VALUE_TYPES,
    max: size,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
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
  const set = new WeakSet<ClientBase>();

  return {
    use: (work) =>
      limit(async () => {
        const connection = await pool.connect();
        try {
          if (!set.has(connection)) await connection.query(settings);
          set.add(connection);
          return await work(connection);
        } catch (error) {
          if (isConnectionLoss(error)) lost.add(connection);
          throw error;
        } finally {
          connection.release(lost.has(connection));
        }
      }),
    close: () => pool.end(),
  };
}

/** Where a database is, without what is secret: `postgres://user@host:5432/name`. */
export function shownAddress({ client }: PostgresAddress): string {
  // A client fills in what the environment says, and connects later only.
  const { user = '', host, port, database = '' } = new pg.Client(client);
  return host.startsWith('/')
    ? `postgres://${user}@/${database}?host=${host}`
    : `postgres://${user}@${host}:${port}/${database}`;
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
