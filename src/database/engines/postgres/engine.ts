import { setTimeout } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { ClairError } from '../../../errors.ts';
import type { DatabaseObserver } from '../database-observer.ts';
import type { DatabaseClock, Engine, Queries, TransactionOptions, TransactionQueries } from '../engine.ts';
import { migrationsOf, pendingMigrations, type SchemaChange, schemaChangeOf } from '../../migrations.ts';
import { type PostgresAddress, parsePostgresAddress } from './address.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { openPostgresClock } from './clock.ts';
import { explainedError, isConnectionLoss, isGivenUp, isPassing, lostCommit } from './errors.ts';
import { type ConnectionPool, createConnectionPool, patiently, type PoolMode, shownAddress } from './pool.ts';
import { postgresBytesOf, postgresSpace, vacuumPostgres } from './space.ts';
import { beginningOf } from './locks.ts';
import { type Aside, postgresQueries, transactionQueries } from './queries.ts';

/** The time that the start waits for an unavailable server. */
const PATIENCE_MS = 30_000;

/**
 * Maximum connections for queries, transactions, names that transactions create, and snapshots. Each of these four uses
 * has a separate pool, because a transaction may wait for names, and a snapshot for everything else.
 */
const READERS = 10;
const WRITERS = 8;
const NAMERS = 2;
const SNAPSHOTS = 2;

/** Maximum attempts of a transaction that PostgreSQL aborts. */
const ATTEMPTS = 5;

/** Maximum pause before a retry, times the number of attempts. */
const PAUSE_MS = 100;

export type PostgresOptions = {
  /** The time to wait for an unavailable server, in milliseconds; 30 seconds when absent. */
  readonly patience?: number;
};

type OpenPostgresOptions = PostgresOptions & {
  readonly observer?: DatabaseObserver;
};

/**
 * Opens a PostgreSQL database and migrates its schema; any number of processes may do so at the same time.
 *
 * @param source its address (`parsePostgresAddress`)
 * @throws ClairError `config/invalid` for a malformed address, `database/unavailable`, `database/newer-schema` when a
 * later release wrote the schema, `database/older-schema` when a development version wrote it.
 */
export async function openPostgres(
  source: string,
  { patience = PATIENCE_MS, observer }: OpenPostgresOptions = {},
): Promise<Engine> {
  const parsed = parsePostgresAddress(source);
  const where = `the database ${shownAddress(parsed)}`;
  // The server may become unavailable at any step.
  return await explained(where, () => patiently(() => openEngine(parsed, where, observer), { patience, isPassing }));
}

async function openEngine(parsed: PostgresAddress, where: string, observer?: DatabaseObserver): Promise<Engine> {
  const address = await reached(parsed);
  const poolOf = (name: string, size: number, mode: PoolMode): ConnectionPool =>
    createConnectionPool(address, { size, mode, ...(observer && { observed: { name, observer } }) });
  const writers = poolOf('writers', WRITERS, 'write');
  try {
    const schema = await writers.use((client) => migrate(client, where, address.schema));
    const catalog = await writers.use((client) => readCatalog(client));
    const clock = await openPostgresClock(postgresQueries((use) => writers.use(use), catalog));
    const readers = poolOf('readers', READERS, 'read');
    const namers = poolOf('namers', NAMERS, 'name');
    const snapshots = poolOf('snapshots', SNAPSHOTS, 'read');
    return { ...engineOn({ readers, writers, namers, snapshots }, { catalog, clock, where }), schema };
  } catch (error) {
    await writers.close();
    throw error;
  }
}

/** Verifies the connection, and, if TLS is optional, whether the server has TLS. */
async function reached(address: PostgresAddress): Promise<PostgresAddress> {
  try {
    await tryToConnect(address);
    return address;
  } catch (error) {
    const hasNoTls = error instanceof Error && error.message === 'The server does not support SSL connections';
    if (!hasNoTls || !address.mayGoWithoutTls) throw error;
    const withoutTls = { ...address, client: { ...address.client, ssl: false } };
    await tryToConnect(withoutTls);
    return withoutTls;
  }
}

async function tryToConnect(address: PostgresAddress): Promise<void> {
  const pool = createConnectionPool(address, { size: 1, mode: 'write' });
  try {
    await pool.use((client) => client.query('SELECT 1'));
  } finally {
    await pool.close();
  }
}

async function migrate(client: ClientBase, where: string, schema: string | undefined): Promise<SchemaChange> {
  return await withinTransaction(client, 'BEGIN', async () => {
    // If several instances start together, only one instance runs the migrations.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('clair migrations ' || $1, 0))", [schema ?? '']);
    await requireUtf8(client, where);
    if (schema !== undefined) await ensureSchema(client, schema);
    // A role without the right to create may use existing tables.
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
  });
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

type Pools = Readonly<Record<'readers' | 'writers' | 'namers' | 'snapshots', ConnectionPool>>;

function engineOn(
  { readers, writers, namers, snapshots }: Pools,
  { catalog, clock, where }: { readonly catalog: Catalog; readonly clock: DatabaseClock; readonly where: string },
): Omit<Engine, 'schema'> {
  /** Runs work again that PostgreSQL aborts. */
  const repeated = <T>(work: () => Promise<T>, attempts = ATTEMPTS): Promise<T> =>
    explained(where, async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await work();
        } catch (error) {
          if (!isGivenUp(error) || attempt >= attempts) throw error;
          // The other transaction continues in the meantime; an immediate retry might conflict again.
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
    transaction: <T>(
      work: (queries: TransactionQueries) => Promise<T>,
      { once = false, ...names }: TransactionOptions = {},
    ) =>
      repeated(
        () =>
          writers.use((client) =>
            withinTransaction(client, beginningOf(names), async () => {
              const queries = transactionQueries(client, catalog, aside);
              const result = await work(queries);
              await queries.writePending();
              return result;
            }),
          ),
        once ? 1 : ATTEMPTS,
      ),
    snapshot: <T>(work: (queries: Queries) => Promise<T>) =>
      explained(where, () =>
        snapshots.use((client) =>
          withinTransaction(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', () =>
            work(postgresQueries((use) => use(client), catalog)),
          ),
        ),
      ),
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
      await Promise.all([readers, writers, namers, snapshots].map((pool) => pool.close()));
    },
  };
}

/**
 * Returns a new number for each snapshot that differs from the previous snapshot. Each commit removes a transaction
 * from the list of running transactions, or raises the bound above which no transaction is visible. Neither change is
 * ever undone (postgresql.org/docs/current/functions-info.html, pg_current_snapshot). Commits in other databases of the
 * server change the number too.
 */
function createVersion(read: Queries): () => Promise<number> {
  let last: string | undefined;
  let number = 0;
  return async () => {
    const row = await read.get<{ snapshot: string }>(SELECT_SNAPSHOT);
    if (row === undefined) throw new Error('selecting a function returned no row');
    if (row.snapshot !== last) number += 1;
    last = row.snapshot;
    return number;
  };
}

/** A standby answers queries but accepts no writes. */
const SELECT_REFUSING = 'SELECT 1 AS refuses WHERE pg_is_in_recovery()';

const SELECT_SNAPSHOT = 'SELECT pg_current_snapshot()::text AS snapshot';

async function withinTransaction<T>(client: ClientBase, begin: string, work: () => Promise<T>): Promise<T> {
  try {
    await client.query(begin);
    const result = await work();
    await commit(client);
    return result;
  } catch (error) {
    // On a lost connection the server rolls back, and an unresponsive server must not be queried again.
    if (!isConnectionLoss(error)) await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** COMMIT rolls back a transaction with a failed statement without an error. */
async function commit(client: ClientBase): Promise<void> {
  const { command } = await client.query('COMMIT').catch((error: unknown) => {
    throw error instanceof Error && isConnectionLoss(error) ? lostCommit(error) : error;
  });
  if (command !== 'COMMIT') throw new Error('a transaction was not committed because one of its statements failed');
}

/** A connection that the server closed while idle is noticed only on use. */
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
