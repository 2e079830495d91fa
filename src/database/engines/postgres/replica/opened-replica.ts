import type { DatabaseObserver } from '../../database-observer.ts';
import type { Engine } from '../../engine.ts';
import type { Questions } from '../../question.ts';
import type { ReplicaStatus } from '../../replica-status.ts';
import { type PostgresAddress, parsePostgresAddress } from '../address.ts';
import type { Catalog } from '../catalog.ts';
import { createConnectionPool, type ConnectionPool, shownAddress } from '../pool.ts';
import { createReplicaConnections } from './replica-connections.ts';
import { withReplica } from './replica-engine.ts';
import { startReplicaMonitor } from './replica-monitor.ts';
import { replicationState } from './replication-state.ts';

/** The options with which all threads of an instance open a read replica. */
export type ReplicaOptions = {
  /** The address of a standby of the database. */
  readonly source: string;
  /** The maximum lag in milliseconds; while the lag is longer, the primary answers. */
  readonly maxLag: number;
  /** The memory that all threads of the instance share (`replicationMemory`). */
  readonly memory: SharedArrayBuffer;
};

export type OpenReplicaOptions = {
  readonly replica: ReplicaOptions;
  readonly questions: Questions;
  /** The engine of the primary, its address and its columns. */
  readonly primary: { readonly engine: Engine; readonly address: PostgresAddress; readonly catalog: Catalog };
  readonly observer?: DatabaseObserver | undefined;
  /**
   * Receives each state change of the two servers. Only one thread of an instance sets this function; that thread
   * monitors the servers.
   */
  readonly changed?: ((status: ReplicaStatus) => void) | undefined;
};

/** The maximum number of connections for queries, which is the same as for the primary. */
const READERS = 10;

/** The maximum number of connections for snapshots, which is the same as for the primary. */
const SNAPSHOTS = 2;

/** The time limit for a check of a server. */
const LOOK_TIMEOUT_MS = 2000;

/**
 * Returns an engine that answers questions from the replica. The replica may be down when the engine is opened.
 *
 * @throws ClairError `config/invalid` for a malformed address; with `changed`, PostgreSQL errors of the primary
 */
export async function openReplica({
  replica: { source, maxLag, memory },
  questions,
  primary: { engine, address: primary, catalog },
  observer,
  changed,
}: OpenReplicaOptions): Promise<Engine> {
  const address = replicaAddress(source, primary);
  const state = replicationState(memory);
  const connections = createReplicaConnections(state);
  const poolOf = (name: string, size: number): ConnectionPool =>
    createConnectionPool(address, {
      size,
      mode: 'read',
      pipeline: true,
      ...(observer && { observed: { name, observer } }),
    });
  const [readers, snapshots] = [poolOf('replica readers', READERS), poolOf('replica snapshots', SNAPSHOTS)];
  const where = `the replica ${shownAddress(address)}`;
  const reading = withReplica(engine, { readers, snapshots, connections, state, catalog, where }, questions);
  if (changed === undefined) return reading;
  const looks = [primary, address].map((each) =>
    createConnectionPool({ ...each, statementTimeout: LOOK_TIMEOUT_MS }, { size: 1, mode: 'read' }),
  );
  const [toPrimary, toReplica] = looks;
  if (toPrimary === undefined || toReplica === undefined) throw new Error('a pool is missing');
  const monitor = await startReplicaMonitor({
    primary: toPrimary,
    replica: toReplica,
    connections,
    state,
    maxLag,
    changed,
  });
  observer?.replicaOpened(monitor.status);
  return {
    ...reading,
    replica: monitor.status,
    async close() {
      await monitor.stop();
      await Promise.all([reading.close(), ...looks.map((pool) => pool.close())]);
    },
  };
}

/**
 * Parses the address of the replica. By default, the replica has the schema and the statement timeout of the primary;
 * with several servers, a standby is preferred.
 */
function replicaAddress(source: string, { schema, statementTimeout }: PostgresAddress): PostgresAddress {
  const address = parsePostgresAddress(source);
  return {
    ...(schema !== undefined && { schema }),
    ...(statementTimeout !== undefined && { statementTimeout }),
    role: address.servers.length > 1 ? 'prefer-standby' : 'any',
    ...address,
  };
}
