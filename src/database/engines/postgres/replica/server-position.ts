import type { ClientBase } from 'pg';

/** The log position of a server, in bytes as in {@link ReplicationState}. */
export type ServerPosition = {
  /** The start time of the server, which identifies the server. */
  readonly server: bigint;
  /** A hash of cluster, database and schema, which identifies the tables; the same for a primary and its standbys. */
  readonly tables: bigint;
  readonly isStandby: boolean;
  /** All commits below this position are visible to queries. */
  readonly position: bigint;
  /** Whether a standby has replayed the whole log that it received. */
  readonly isCaughtUp: boolean;
};

/** Reads the position of a primary or a standby. */
export async function positionOf(client: ClientBase): Promise<ServerPosition> {
  const { rows } = await client.query<PositionRow>({ text: SELECT_POSITION, name: 'clair_position' });
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL returned no row for its log position');
  return {
    server: BigInt(row.server),
    tables: BigInt(row.tables),
    isStandby: row.standby,
    position: BigInt(row.position ?? 0),
    isCaughtUp: row.caught_up,
  };
}

type PositionRow = {
  readonly server: string;
  readonly tables: string;
  readonly standby: boolean;
  readonly position: string | null;
  readonly caught_up: boolean;
};

/**
 * The end of the log that contains all visible commits; NULL on a standby. Commits with `synchronous_commit = off` are
 * visible before they are flushed, but only flushed log records reach a standby. Without asynchronous commits, the end
 * of the flushed records is enough, and a standby reaches this end earlier.
 */
export const SELECT_END = `CASE WHEN pg_is_in_recovery() THEN NULL
  WHEN current_setting('synchronous_commit') = 'off' THEN pg_current_wal_insert_lsn()
  ELSE pg_current_wal_flush_lsn() END - '0/0'::pg_lsn`;

const SELECT_POSITION = `SELECT
  (EXTRACT(EPOCH FROM pg_postmaster_start_time()) * 1000000)::bigint::text AS server,
  (SELECT hashtextextended(concat_ws(' ', current_database(), current_schema()), system_identifier)::text
    FROM pg_control_system()) AS tables,
  pg_is_in_recovery() AS standby,
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() - '0/0'::pg_lsn ELSE ${SELECT_END} END::text AS position,
  NOT pg_is_in_recovery() OR COALESCE(pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn(), true) AS caught_up`;
