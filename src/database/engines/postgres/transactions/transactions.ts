import type { ClientBase, QueryResult } from 'pg';
import type { Queries } from '../../engine.ts';
import type { Catalog } from '../catalog.ts';
import { isConnectionLoss, lostCommit, RolledBack } from '../errors.ts';
import { postgresQueries } from '../queries.ts';
import { SELECT_END } from '../replica/server-position.ts';
import { storableText } from '../values.ts';
import type { LockStatement } from './locks.ts';
import { createStatements, pipelined, type Session, takingTurns, type TransactionSession } from './session.ts';

/** Receives a position of the log; the commit of the transaction is below this position. */
export type Committed = (position: bigint) => void;

/**
 * Runs `work` in a transaction; rolls back and rethrows if `work` fails.
 *
 * @param begin the statements that begin the transaction
 */
export async function withinTransaction<T>(
  client: ClientBase,
  begin: string,
  work: (session: TransactionSession) => Promise<T>,
  committed?: Committed,
): Promise<T> {
  return await ended(
    client,
    async () => {
      await client.query(begin);
      return await whileOpen(
        (use) => use(client),
        (session) => work(takingTurns(session)),
      );
    },
    committed,
  );
}

type PipelineOptions = {
  readonly locks: readonly LockStatement[];
  readonly catalog: Catalog;
  readonly committed?: Committed | undefined;
};

/**
 * Runs `work` in a transaction as {@link withinTransaction} does, on a pipelined connection: `work` may begin a statement
 * before the previous statements are answered, and does not wait for the answers to writes. After a failed statement,
 * all later statements fail too, so the first error is thrown.
 */
export async function withinPipeline<T>(
  client: ClientBase,
  { locks, catalog, committed }: PipelineOptions,
  work: (session: TransactionSession) => Promise<T>,
): Promise<T> {
  const statements = createStatements(client);
  const begins = statements.session((each) => each.query(BEGIN));
  begins.catch(() => undefined);
  for (const { statement, name } of locks) {
    const values = [storableText(name)];
    statements.session((each) => each.query({ ...catalog.prepared(statement), values })).catch(() => undefined);
  }
  const works = async (): Promise<T> => {
    const result = await whileOpen(statements.session, (session) => work(pipelined(session, begins)));
    // Writes that wait for BEGIN have been waiting for longer, so they are sent before COMMIT.
    await begins;
    statements.requireSuccess();
    return result;
  };
  try {
    const result = await ended(client, works, committed);
    await statements.answered();
    // The server does not know of statements that the client could not send.
    statements.requireSuccess();
    return result;
  } catch (error) {
    await statements.answered();
    throw statements.causeOf(error);
  }
}

/** Runs `work` with a session that accepts no statements afterwards. */
async function whileOpen<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  let isOpen = true;
  try {
    return await work(async (use) => {
      // `work` may fail at one statement while other statements are still to run.
      if (!isOpen) throw new Error('a statement was run after the end of its transaction');
      return await session(use);
    });
  } finally {
    isOpen = false;
  }
}

/** Commits the transaction that `work` begins; rolls back and rethrows if `work` fails. */
async function ended<T>(client: ClientBase, work: () => Promise<T>, committed?: Committed): Promise<T> {
  try {
    const result = await work();
    await commit(client, committed);
    return result;
  } catch (error) {
    // On a lost connection the server rolls back, and an unresponsive server must not be queried again.
    if (!isConnectionLoss(error)) await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * Runs `work`, which only reads, without a transaction. `work` may begin a query before the previous query is answered.
 * Waits for all queries, so that the connection is unused afterwards.
 */
export async function onConnection<T>(
  client: ClientBase,
  catalog: Catalog,
  work: (queries: Queries) => Promise<T>,
): Promise<T> {
  const answers: Promise<unknown>[] = [];
  const session: Session = (use) => {
    const answer = use(client);
    answers.push(answer);
    return answer;
  };
  try {
    return await work(postgresQueries(session, catalog));
  } finally {
    await Promise.allSettled(answers);
  }
}

/**
 * Runs `work`, which only reads, in one snapshot. `work` may begin a query before the previous query is answered. After
 * a failed query, all later queries fail too, so the first error is thrown.
 */
export async function withinSnapshot<T>(
  client: ClientBase,
  catalog: Catalog,
  work: (queries: Queries) => Promise<T>,
): Promise<T> {
  const statements = createStatements(client);
  return await ended(client, async () => {
    // The first query does not wait for this statement, because a round trip takes as long as a short query.
    const begins = statements.session((each) => each.query(BEGIN_SNAPSHOT));
    begins.catch(() => undefined);
    try {
      const result = await work(postgresQueries(statements.session, catalog));
      // Without the transaction, the queries are not from one snapshot.
      await begins;
      return result;
    } catch (error) {
      throw statements.causeOf(error);
    }
  });
}

/** Named as {@link BEGIN_SNAPSHOT}. */
const BEGIN = { name: 'clair_begin', text: 'BEGIN' };

/** The name makes the client send the statement together with the first query. */
const BEGIN_SNAPSHOT = { name: 'clair_begin_snapshot', text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' };

/** Checks the result of COMMIT, because COMMIT rolls back without an error if a statement has failed. */
async function commit(client: ClientBase, committed: Committed | undefined): Promise<void> {
  const [result, position] = await committing(client, committed !== undefined).catch((error: unknown) => {
    throw error instanceof Error && isConnectionLoss(error) ? lostCommit(error) : error;
  });
  if (result?.command !== 'COMMIT') throw new RolledBack();
  const { end } = position?.rows[0] ?? {};
  if (typeof end === 'string') committed?.(BigInt(end));
}

type CommitResult = QueryResult<{ readonly end?: string | null }>;

/** Two statements in one message return two results. */
async function committing(client: ClientBase, withPosition: boolean): Promise<readonly CommitResult[]> {
  const results: unknown = await client.query(
    withPosition ? `COMMIT; SELECT (${SELECT_END})::text AS "end"` : 'COMMIT',
  );
  return (Array.isArray(results) ? results : [results]).filter(isResult);
}

function isResult(value: unknown): value is CommitResult {
  return typeof value === 'object' && value !== null && 'command' in value && 'rows' in value;
}
