import { ClairError } from '../../../errors.ts';
import type { DatabaseFailure } from '../database-observer.ts';

/**
 * Gives an error of PostgreSQL as whoever runs Clair should read it, and any other one as it is.
 *
 * @param where the database, without its password
 */
export function explainedError(error: unknown, where: string): unknown {
  if (error instanceof ClairError || !(error instanceof Error)) return error;
  if (sqlStateOf(error) === TOO_LONG) {
    return new ClairError('database/value-too-long', `${where} cannot index so long a value: ${error.message}`, {
      cause: error,
    });
  }
  if (!isUnavailable(error)) return error;
  return new ClairError('database/unavailable', `${where} cannot be used: ${reasonOf(error)}`, { cause: error });
}

/** Whether it may be gone when the same is tried again: nobody listens, or is not ready yet. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlStateOf(error);
  return state === undefined ? isConnectionLoss(error) : /^(08|57P0|53300)/.test(state);
}

/** Whether a server that is there has no connection left, or is starting. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && /^(53300|57P03)$/.test(sqlStateOf(error) ?? '');
}

/**
 * Whether the server at the other end only reads, so that it is no longer, or not yet, the one to write to: after a failover
 * another one has its address.
 */
export function isOfAnotherServer(error: unknown): boolean {
  return error instanceof Error && sqlStateOf(error) === '25006';
}

/** What is thrown when nobody heard whether a transaction was committed. */
export function lostCommit(cause: Error): Error {
  return new Error(`${LOST_COMMIT}, so that what was written may be stored or not: ${cause.message}`, { cause });
}

/** Whether the connection is gone, so that nothing that was asked on it was answered. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlStateOf(error);
  if (state !== undefined) return /^(08|57P0)/.test(state);
  return 'syscall' in error || error instanceof AggregateError || CONNECTION_MESSAGE.test(error.message);
}

/**
 * Whether PostgreSQL gave up one of several transactions that could not all go on, or that refers to what another one has
 * just removed; when it runs again it goes well, or finds so by itself.
 */
export function isGivenUp(error: unknown): boolean {
  return error instanceof Error && /^(40001|40P01|23503)$/.test(sqlStateOf(error) ?? '');
}

/** What kind of failure an error of PostgreSQL is; undefined for one that is none of its own. */
export function failureOf(error: unknown): DatabaseFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isConnectionLoss(error)) return /timeout/i.test(error.message) ? 'timeout' : 'connection';
  const state = sqlStateOf(error);
  if (state === undefined) return undefined;
  return FAILURES.find(([pattern]) => pattern.test(state))?.[1] ?? 'other';
}

/** By SQLSTATE: given up for another one, took too long, refused, full, a value that is none. */
const FAILURES: readonly (readonly [RegExp, DatabaseFailure])[] = [
  [/^(40|23503)/, 'conflict'],
  [/^(57014|55P03|25P03)/, 'timeout'],
  [/^(28|3D|42501|25006)/, 'refused'],
  [/^(53|54)/, 'limit'],
];

/** The class `program_limit_exceeded`: a row of an index has less than a third of a page. */
const TOO_LONG = '54000';

/**
 * Classes and codes that tell of the server, and not of a statement (postgresql.org/docs/current/errcodes-appendix.html):
 * connection, authorization, no such database, read-only, given up, resources, no privilege, stopping, waited too long for a
 * lock, canceled, system, corrupt.
 */
const UNAVAILABLE = /^(08|28|3D000|25006|40001|40P01|53|42501|57|55P03|58|XX00[12])/;

const LOST_COMMIT = 'the connection was lost at the commit';

/** What pg says in words alone, and {@link LOST_COMMIT}. */
const CONNECTION_MESSAGE =
  /^(the connection was lost|Connection terminated|timeout e|Query read timeout|Client (has encountered|was closed)|The server does not support SSL|Cannot use a pool)/;

function isUnavailable(error: Error): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return UNAVAILABLE.test(state);
  return isConnectionLoss(error) || /password|certificate|SASL|SCRAM/.test(error.message) || 'code' in error;
}

/** An address of several hosts fails with a list of errors, and no message of its own. */
function reasonOf(error: Error): string {
  const [first]: unknown[] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : error.message;
}

/** The five characters of SQLSTATE. */
function sqlStateOf(error: Error): string | undefined {
  const code = 'code' in error && 'severity' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
