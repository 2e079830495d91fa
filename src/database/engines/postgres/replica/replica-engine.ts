import type { ClientBase } from 'pg';
import { ClairError } from '../../../../errors.ts';
import type { Engine, Queries, SqlValue } from '../../engine.ts';
import type { Question, Questions } from '../../question.ts';
import type { Catalog } from '../catalog.ts';
import { explainedError, isConnectionLoss, isGivenUp, isOfAnotherServer, isServerFault } from '../errors.ts';
import type { ConnectionPool } from '../pool.ts';
import { postgresQueries } from '../queries.ts';
import { onConnection, withinSnapshot } from '../transactions/transactions.ts';
import { ReplicaBehind, type ReplicaConnections } from './replica-connections.ts';
import type { ReplicationState } from './replication-state.ts';

/** The connection pools of the replica, and the state that they need. */
export type ReplicaParts = {
  readonly readers: ConnectionPool;
  readonly snapshots: ConnectionPool;
  readonly connections: ReplicaConnections;
  readonly state: ReplicationState;
  readonly catalog: Catalog;
  /** The replica, without its password. */
  readonly where: string;
};

/**
 * Returns an engine that sends questions to a replica. The primary answers all other queries, and questions that the
 * replica cannot answer because the replica is unreachable or behind, or because its replay cancels a query.
 */
export function withReplica(primary: Engine, replica: ReplicaParts, questions: Questions): Engine {
  const { state } = replica;
  const read = questionQueries(primary.read, replica, questions);
  let last: { text: string; number: number } = { text: '', number: 0 };

  /**
   * Returns a number that changes with the text. The texts of the two servers differ, because the primary may show
   * commits that the replica has not replayed.
   */
  function numberOf(text: string): number {
    if (text !== last.text) last = { text, number: last.number + 1 };
    return last.number;
  }

  return {
    ...primary,
    read,
    async transaction(work, options) {
      const question = questions.getStore();
      // The writes of this transaction must be visible to the rest of the request.
      if (question !== undefined) Object.assign(question, { usesPrimary: true, hasSeenPrimary: true });
      return await primary.transaction(work, options);
    },
    together: <T>(work: (queries: Queries) => Promise<T>) =>
      asked(replica, questions, {
        pool: replica.readers,
        onReplica: (client) => onConnection(client, replica.catalog, work),
        onPrimary: () => primary.together?.(work) ?? work(primary.read),
      }),
    snapshot: <T>(work: (queries: Queries) => Promise<T>) =>
      asked(replica, questions, {
        pool: replica.snapshots,
        onReplica: (client) => withinSnapshot(client, replica.catalog, work),
        onPrimary: () => primary.snapshot(work),
      }),
    version: async () =>
      numberOf(
        await asked(replica, questions, {
          pool: replica.readers,
          // Read `lastCommit` before the query, so that a commit of this instance changes the number and is visible to
          // the query.
          onReplica: async (client) => `${state.lastCommit()} ${await replicaVersion(client)}`,
          onPrimary: async () => `primary ${await primary.version()}`,
        }),
      ),
    async close() {
      await Promise.all([primary.close(), replica.readers.close(), replica.snapshots.close()]);
    },
  };
}

/** Looks up a missing row on the primary too, so that a client finds all data that any instance has acknowledged. */
function questionQueries(primary: Queries, replica: ReplicaParts, questions: Questions): Queries {
  const { state, catalog, readers: pool } = replica;
  const all = <Row>(statement: string, values?: readonly SqlValue[]): Promise<Row[]> =>
    asked(replica, questions, {
      pool,
      onReplica: (client) => postgresQueries((use) => use(client), catalog).all<Row>(statement, values),
      onPrimary: () => primary.all<Row>(statement, values),
    });
  return {
    ...primary,
    all,
    async get<Row>(statement: string, values?: readonly SqlValue[]) {
      const [row] = await all<Row>(statement, values);
      const question = questions.getStore();
      if (row !== undefined || question === undefined || question.usesPrimary || !state.isPrimaryUp()) return row;
      const found = await primary.get<Row>(statement, values).catch((error: unknown) => {
        if (isLoss(error)) return undefined;
        throw error;
      });
      if (found !== undefined) Object.assign(question, { usesPrimary: true, hasSeenPrimary: true });
      return found;
    },
  };
}

type Asked<T> = {
  readonly pool: ConnectionPool;
  readonly onReplica: (client: ClientBase) => Promise<T>;
  readonly onPrimary: () => Promise<T>;
};

async function asked<T>(
  { state, connections, where }: ReplicaParts,
  questions: Questions,
  { pool, onReplica, onPrimary }: Asked<T>,
): Promise<T> {
  const question = questions.getStore();
  if (question === undefined) return await onPrimary();

  async function byReplica(of: Question, isAlone: boolean): Promise<T> {
    const answer = await connections.use(onReplica, { pool, question: of, isAlone });
    state.count('replica');
    return answer;
  }

  /** While the primary is down, an error of the replica is an error of the database. */
  async function byReplicaAlone(of: Question): Promise<T> {
    try {
      return await byReplica(of, true);
    } catch (error) {
      throw replicaError(error, where);
    }
  }

  async function byPrimary(of: Question): Promise<T> {
    of.usesPrimary = true;
    try {
      const answer = await onPrimary();
      of.hasSeenPrimary = true;
      state.count('primary');
      return answer;
    } catch (error) {
      if (of.hasSeenPrimary === true || !isLoss(error)) throw error;
      // The primary stays marked as down until the monitor reaches it again.
      state.setPrimaryUp(false);
      of.usesPrimary = false;
      return await byReplicaAlone(of);
    }
  }

  if (question.usesPrimary) return await byPrimary(question);
  if (!state.isPrimaryUp()) return await byReplicaAlone(question);
  if (!state.isUsable()) return await byPrimary(question);
  try {
    const answer = await byReplica(question, false);
    // A concurrent query of the question may have used the primary, which has newer data.
    return question.usesPrimary ? await byPrimary(question) : answer;
  } catch (error) {
    if (!isOfReplica(error)) throw replicaError(error, where);
    // PostgreSQL cancels queries that block the replay; the replica itself still works.
    if (!isGivenUp(error)) state.setUsable(false);
    return await byPrimary(question);
  }
}

/** Returns whether the primary must answer, because the replica could not. A query that is too slow is not repeated. */
function isOfReplica(error: unknown): boolean {
  return error instanceof ReplicaBehind || isOfAnotherServer(error) || isServerFault(error);
}

/** Returns whether the connection to the primary is lost. */
function isLoss(error: unknown): boolean {
  return error instanceof ClairError && error.code === 'database/unavailable' && isConnectionLoss(error.cause);
}

function replicaError(error: unknown, where: string): unknown {
  if (!(error instanceof ReplicaBehind) && !isOfAnotherServer(error)) return explainedError(error, where);
  const reason = error instanceof Error ? error.message : String(error);
  return new ClairError('database/unavailable', `the primary is down, and ${where} cannot answer: ${reason}`, {
    cause: error,
  });
}

/**
 * Returns a text that changes with each commit that a standby replays. The snapshot alone is not enough, because a
 * standby's snapshot does not list running transactions. The snapshot can therefore stay the same after the commit of
 * an older transaction.
 */
async function replicaVersion(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ version: string }>({ text: SELECT_VERSION, name: 'clair_version' });
  return rows[0]?.version ?? '';
}

const SELECT_VERSION = `SELECT concat_ws(' ', pg_postmaster_start_time(), pg_is_in_recovery(),
  pg_current_snapshot(), pg_last_xact_replay_timestamp()) AS version`;
