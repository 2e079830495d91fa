import type { ClientBase, QueryResult } from 'pg';
import type { Queries } from '../engine.ts';
import type { Catalog } from './catalog.ts';
import { isConnectionLoss, isOfFailedTransaction, lostCommit } from './errors.ts';
import { postgresQueries, type Session } from './queries.ts';
import { SELECT_END } from './replica/server-position.ts';

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
  work: () => Promise<T>,
  committed?: Committed,
): Promise<T> {
  const begun = async (): Promise<T> => {
    await client.query(begin);
    return await work();
  };
  return await ended(client, begun, committed);
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
  let first: { readonly error: unknown } | undefined;
  const session: Session = async (use) => {
    try {
      return await use(client);
    } catch (error) {
      first ??= { error };
      throw error;
    }
  };
  return await ended(client, async () => {
    // The first query does not wait for this statement, because a round trip takes as long as a short query.
    const begun = session((each) => each.query(BEGIN_SNAPSHOT));
    begun.catch(() => undefined);
    try {
      const result = await work(postgresQueries(session, catalog));
      // Without the transaction, the queries are not from one snapshot.
      await begun;
      return result;
    } catch (error) {
      throw isOfFailedTransaction(error) ? first?.error : error;
    }
  });
}

/** The name makes the client send the statement together with the first query. */
const BEGIN_SNAPSHOT = { name: 'clair_begin_snapshot', text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' };

/** Checks the result of COMMIT, because COMMIT rolls back without an error if a statement has failed. */
async function commit(client: ClientBase, committed: Committed | undefined): Promise<void> {
  const [result, position] = await committing(client, committed !== undefined).catch((error: unknown) => {
    throw error instanceof Error && isConnectionLoss(error) ? lostCommit(error) : error;
  });
  if (result?.command !== 'COMMIT')
    throw new Error('a transaction was not committed because one of its statements failed');
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
