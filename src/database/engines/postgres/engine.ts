import { setTimeout } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { ClairError } from '../../../errors.ts';
import type { DatabaseObserver } from '../database-observer.ts';
import type { DatabaseClock, Engine, Queries, TransactionOptions, TransactionQueries } from '../engine.ts';
import type { Questions } from '../question.ts';
import type { ReplicaStatus } from '../replica-status.ts';
import { migrationsOf, pendingMigrations, type SchemaChange, schemaChangeOf } from '../../migrations.ts';
import { type PostgresAddress, parsePostgresAddress } from './address.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { openPostgresClock } from './clock.ts';
import { explainedError, isConnectionLoss, isGivenUp, isPassing } from './errors.ts';
import { type ConnectionPool, createConnectionPool, patiently, type PoolMode, shownAddress } from './pool.ts';
import { postgresBytesOf, postgresSpace, vacuumPostgres } from './space.ts';
import { beginningOf, locksOf } from './transactions/locks.ts';
import { type Aside, postgresQueries, transactionQueries } from './queries.ts';
import type { TransactionSession } from './transactions/session.ts';
import { openReplica, type ReplicaOptions } from './replica/opened-replica.ts';
import { replicationState } from './replica/replication-state.ts';
import { createLayerPartitions, type LayerPartitions } from './partitions/layer-partitions.ts';
import {
  type Committed,
  onConnection,
  withinPipeline,
  withinSnapshot,
  withinTransaction,
} from './transactions/transactions.ts';

/** The maximum time that the start waits for an unavailable server, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * The maximum numbers of connections for queries, for transactions, for pipelined transactions, for the rows that
 * `ensureMany` inserts, and for snapshots. Each of these five uses has a separate pool, because a transaction may wait
 * for `ensureMany`, and a snapshot for queries of all other kinds.
 */
const READERS = 10;
const WRITERS = 8;
const EDITORS = 2;
const NAMERS = 2;
const SNAPSHOTS = 2;

/** Maximum attempts of a transaction that PostgreSQL aborts. */
const ATTEMPTS = 5;

/** The maximum pause before a retry is this value times the number of attempts. */
const PAUSE_MS = 100;

export type PostgresOptions = {
  /** The maximum time to wait for an unavailable server, in milliseconds; 30 seconds when absent. */
  readonly patience?: number;
  /** The number of layers in a partition of `layer_feature`; `LAYERS_PER_PARTITION` when absent. */
  readonly layersPerPartition?: number;
  /** The replica that answers questions ({@link Questions}). */
  readonly replica?: ReplicaOptions;
};

type OpenPostgresOptions = PostgresOptions & {
  readonly observer?: DatabaseObserver | undefined;
  /** Without questions, the replica is not opened, but commits are recorded for the threads that open it. */
  readonly questions?: Questions | undefined;
  /** See `OpenReplicaOptions`. */
  readonly replicaChanged?: ((status: ReplicaStatus) => void) | undefined;
};

/**
 * Opens a PostgreSQL database and migrates its schema; any number of processes may do so at the same time.
 *
 * @param source the address of the database (`parsePostgresAddress`)
 * @throws ClairError `config/invalid` for a malformed address, `database/unavailable`, `database/newer-schema` when a
 * later release wrote the schema, `database/older-schema` when a development version wrote it.
 */
export async function openPostgres(source: string, options: OpenPostgresOptions = {}): Promise<Engine> {
  const parsed = parsePostgresAddress(source);
  // If the address has several servers, only the primary accepts writes.
  const address: PostgresAddress = { role: parsed.servers.length > 1 ? 'primary' : 'any', ...parsed };
  const where = `the database ${shownAddress(address)}`;
  // The server may become unavailable at any step.
  return await explained(where, () =>
    patiently(() => openEngine(address, where, options), { patience: options.patience ?? PATIENCE_MS, isPassing }),
  );
}

async function openEngine(
  address: PostgresAddress,
  where: string,
  { observer, layersPerPartition, replica, questions, replicaChanged: changed }: OpenPostgresOptions,
): Promise<Engine> {
  const poolOf = (name: string, size: number, mode: PoolMode, pipeline = false): ConnectionPool =>
    createConnectionPool(address, { size, mode, pipeline, ...(observer && { observed: { name, observer } }) });
  const writers = poolOf('writers', WRITERS, 'write');
  const committed = replica && replicationState(replica.memory).committed;
  try {
    const schema = await writers.use((client) => migrate(client, where, address.schema, committed));
    const catalog = await writers.use((client) => readCatalog(client));
    const clock = await openPostgresClock(postgresQueries((use) => writers.use(use), catalog));
    const readers = poolOf('readers', READERS, 'read', true);
    const editors = poolOf('editors', EDITORS, 'write', true);
    const namers = poolOf('namers', NAMERS, 'name');
    const snapshots = poolOf('snapshots', SNAPSHOTS, 'read', true);
    const pools = { readers, writers, editors, namers, snapshots };
    const partitions = createLayerPartitions(writers, layersPerPartition);
    const engine = { ...engineOn(pools, { catalog, clock, where, committed, partitions }), schema };
    if (replica === undefined || questions === undefined) return engine;
    return await openReplica({ replica, questions, primary: { engine, address, catalog }, observer, changed });
  } catch (error) {
    await writers.close();
    throw error;
  }
}

async function migrate(
  client: ClientBase,
  where: string,
  schema: string | undefined,
  committed: Committed | undefined,
): Promise<SchemaChange> {
  const work = async (): Promise<SchemaChange> => {
    // If several instances start together, only one instance runs the migrations.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('clair migrations ' || $1, 0))", [schema ?? '']);
    await requireUtf8(client, where);
    if (schema !== undefined) await ensureSchema(client, schema);
    // Create the table only if it is missing, because a role without permission to create tables can use existing
    // tables.
    const { rows } = await client.query<{ present: boolean }>(
      "SELECT to_regclass('schema_migration') IS NOT NULL AS present",
    );
    if (rows[0]?.present !== true) {
      await client.query('CREATE TABLE schema_migration (version integer PRIMARY KEY, applied_at bigint NOT NULL)');
    }
    const applied = await client.query<{ version: number }>('SELECT version FROM schema_migration');
    const versions = applied.rows.map(({ version }) => version);
    const known = migrationsOf('postgres');
    for (const { version, sql } of pendingMigrations(known, versions)) {
      await client.query(sql);
      await client.query('INSERT INTO schema_migration VALUES ($1, $2)', [version, Date.now()]);
    }
    return schemaChangeOf(known, versions);
  };
  return await withinTransaction(client, 'BEGIN', work, committed);
}

async function requireUtf8(client: ClientBase, where: string): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('SHOW server_encoding');
  const encoding = rows[0]?.server_encoding ?? 'none';
  if (encoding === 'UTF8') return;
  throw new ClairError(
    'database/unavailable',
    `${where} has the encoding ${encoding}: create a database with the encoding UTF8`,
  );
}

async function ensureSchema(client: ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ present: boolean }>(
    'SELECT to_regnamespace(quote_ident($1)) IS NOT NULL AS present',
    [schema],
  );
  if (rows[0]?.present !== true) await client.query(`CREATE SCHEMA "${schema}"`);
}

type EngineParts = {
  readonly catalog: Catalog;
  readonly clock: DatabaseClock;
  readonly where: string;
  readonly committed: Committed | undefined;
  readonly partitions: LayerPartitions;
};

type Pools = Readonly<Record<'readers' | 'writers' | 'editors' | 'namers' | 'snapshots', ConnectionPool>>;

function engineOn(
  { readers, writers, editors, namers, snapshots }: Pools,
  { catalog, clock, where, committed, partitions }: EngineParts,
): Omit<Engine, 'schema'> {
  /** Runs `work`, and repeats `work` if PostgreSQL aborts the transaction because of a conflict. */
  const repeated = <T>(work: () => Promise<T>, attempts = ATTEMPTS): Promise<T> =>
    explained(where, async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await work();
        } catch (error) {
          if (!isGivenUp(error) || attempt >= attempts) throw error;
          // The pause lets the other transaction continue, because an immediate retry might conflict again.
          await setTimeout(Math.random() * PAUSE_MS * attempt);
        }
      }
    });

  const aside: Aside = (work, { isAtomic }) =>
    repeated(() =>
      namers.use((client) => (isAtomic ? withinTransaction(client, 'BEGIN', () => work(client)) : work(client))),
    );

  const read = postgresQueries((use) => explained(where, () => readAgain(() => readers.use(use))), catalog);

  return {
    read,
    async transaction<T>(
      work: (queries: TransactionQueries) => Promise<T>,
      { once = false, pipelined = false, ...names }: TransactionOptions = {},
    ): Promise<T> {
      const whole = async (client: ClientBase, session: TransactionSession): Promise<T> => {
        const queries = transactionQueries(session, catalog, aside);
        const result = await work(partitions.queriesWithin(client, queries));
        await queries.writePending();
        return result;
      };
      const inTurns = (client: ClientBase): Promise<T> =>
        withinTransaction(client, beginningOf(names), (session) => whole(client, session), committed);
      const inPipeline = (client: ClientBase): Promise<T> =>
        withinPipeline(client, { locks: locksOf(names), catalog, committed }, (session) => whole(client, session));
      const attempt = (): Promise<T> => (pipelined ? editors.use(inPipeline) : writers.use(inTurns));
      const result = await (once ? repeated(attempt, 1) : repeated(() => partitions.withPartition(attempt)));
      await partitions.createAhead();
      return result;
    },
    together: <T>(work: (queries: Queries) => Promise<T>) =>
      explained(where, () => readAgain(() => readers.use((client) => onConnection(client, catalog, work)))),
    snapshot: <T>(work: (queries: Queries) => Promise<T>) =>
      explained(where, () => snapshots.use((client) => withinSnapshot(client, catalog, work))),
    async check() {
      const refusing = await read.get(SELECT_REFUSING);
      if (refusing !== undefined) throw new ClairError('database/unavailable', `${where} is read-only`);
    },
    space: () => postgresSpace(read),
    bytesOf: (table) => postgresBytesOf(read, table),
    compact: () => explained(where, () => writers.use((client) => vacuumPostgres(client))),
    version: createVersion(read),
    clock,
    async close() {
      await Promise.all([readers, writers, editors, namers, snapshots].map((pool) => pool.close()));
    },
  };
}

/**
 * The returned function returns a new number for each snapshot that differs from the previous snapshot. Each commit
 * removes a transaction from the list of running transactions, or raises the bound above which no transaction is
 * visible. Neither change is ever undone (postgresql.org/docs/current/functions-info.html, pg_current_snapshot).
 * Commits in other databases of the server also change the number.
 */
function createVersion(read: Queries): () => Promise<number> {
  let last: string | undefined;
  let number = 0;
  return async () => {
    const row = await read.get<{ snapshot: string }>(SELECT_SNAPSHOT);
    if (row === undefined) throw new Error('PostgreSQL returned no row for its snapshot');
    if (row.snapshot !== last) number += 1;
    last = row.snapshot;
    return number;
  };
}

/** A standby answers queries but accepts no writes. */
const SELECT_REFUSING = 'SELECT 1 AS refuses WHERE pg_is_in_recovery()';

const SELECT_SNAPSHOT = 'SELECT pg_current_snapshot()::text AS snapshot';

/** Runs a task again after a connection loss, because only a query shows that the server closed an idle connection. */
async function readAgain<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
    return await task();
  }
}

async function explained<T>(where: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw explainedError(error, where);
  }
}
