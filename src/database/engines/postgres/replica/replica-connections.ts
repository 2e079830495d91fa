import { setTimeout } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import type { Question } from '../../question.ts';
import { OtherServer } from '../errors.ts';
import type { ConnectionPool } from '../pool.ts';
import type { ReplicationState } from './replication-state.ts';
import { positionOf, type ServerPosition } from './server-position.ts';

/** The maximum time that a query waits for the replica to replay the last commit of the instance. */
const PATIENCE_MS = 150;

/** The first pause between two reads of the replica's position. */
const FIRST_PAUSE_MS = 1;

/** The longest pause between two reads. */
const LONGEST_PAUSE_MS = 16;

/** The error for a replica that cannot serve a query now, usually because it has not replayed all required commits. */
export class ReplicaBehind extends Error {
  override readonly name = 'ReplicaBehind';
  /** The position that the replica has replayed; undefined when unknown. */
  readonly position: bigint | undefined;

  constructor(message: string, position?: bigint) {
    super(message);
    this.position = position;
  }
}

/** Connections to the replica on which all commits that a question requires are visible. */
export type ReplicaConnections = {
  /**
   * Runs `work` on a connection on which all commits up to the required position are visible. The connection is to the
   * server that answered the earlier queries of the question.
   *
   * @param isAlone whether the primary is down; if so, a replica that has replayed its received log may answer
   * @throws ReplicaBehind; `OtherServer`; PostgreSQL errors
   */
  readonly use: <T>(
    work: (client: ClientBase) => Promise<T>,
    options: { readonly pool: ConnectionPool; readonly question: Question; readonly isAlone: boolean },
  ) => Promise<T>;
  /** Waits for the required position, as `use` does, and returns the position of the server. */
  readonly reach: (pool: ConnectionPool, isAlone: boolean) => Promise<ServerPosition>;
};

/** Creates the connections of one thread. */
export function createReplicaConnections(state: ReplicationState): ReplicaConnections {
  /** The last known position for each connection, because different connections may be to different servers. */
  const positions = new WeakMap<ClientBase, ServerPosition>();
  /** The server for new questions. */
  let server: bigint | undefined;

  async function look(client: ClientBase): Promise<ServerPosition> {
    const present = await positionOf(client);
    refuseStranger(present, state);
    const known = positions.get(client);
    if (known === undefined) server = present.server;
    positions.set(client, present);
    return present;
  }

  async function reached(client: ClientBase, isAlone: boolean): Promise<ServerPosition> {
    const required = state.required();
    const isEnough = ({ position, isCaughtUp }: ServerPosition): boolean =>
      position >= required || (isAlone && isCaughtUp);
    let present = positions.get(client);
    // A known position is a lower bound. `isCaughtUp` is not used here, because the standby may have received more of
    // the log since.
    if (present !== undefined && present.position >= required) return present;
    const deadline = performance.now() + PATIENCE_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      present = await look(client);
      if (isEnough(present)) return present;
      if (performance.now() + pause > deadline) {
        throw new ReplicaBehind(`it is ${required - present.position} bytes behind`, present.position);
      }
      await setTimeout(pause);
    }
  }

  return {
    use: async (work, { pool, question, isAlone }) =>
      await pool.use(async (client) => {
        // Another query or the monitor may have found the replica unusable while this query waited for a connection.
        if (!isAlone && !state.isUsable()) throw new ReplicaBehind('it is behind or unavailable');
        const present = await reached(client, isAlone);
        if (present.server !== server) throw new OtherServer('its address now belongs to another server');
        question.server ??= present.server;
        if (question.server !== present.server) throw new ReplicaBehind('its address now belongs to another server');
        return await work(client);
      }),
    reach: async (pool, isAlone) => await pool.use(async (client) => await reached(client, isAlone)),
  };
}

/** Rejects other databases, because reading from another database would produce a wrong report without an error. */
function refuseStranger({ tables, server, isStandby }: ServerPosition, state: ReplicationState): void {
  if (state.tables() !== 0n && tables !== state.tables()) {
    throw new OtherServer('it is not a replica of database.source: its cluster, database or search_path differs');
  }
  // If two servers accept writes, the server in `database.source` is the primary.
  if (!isStandby && state.isPrimaryUp() && server !== state.primary()) {
    throw new OtherServer('it accepts writes, but it is not the server of database.source');
  }
}
