import { ClairError } from '../../../errors.ts';
import type { DatabaseFailure } from '../database-observer.ts';

/**
 * Converts a PostgreSQL error to an error for the operator; returns other errors unchanged.
 *
 * @param where the database, without its password
 */
export function explainedError(error: unknown, where: string): unknown {
  if (error instanceof ClairError || !(error instanceof Error)) return error;
  if (sqlStateOf(error) === TOO_LONG) {
    return new ClairError('database/value-too-long', `${where} cannot index a value of this length: ${error.message}`, {
      cause: error,
    });
  }
  if (!isUnavailable(error)) return error;
  return new ClairError('database/unavailable', `${where} is unavailable: ${reasonOf(error)}`, { cause: error });
}

/** Returns whether a retry may succeed, because the server does not listen, is not ready or has no free connection. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlStateOf(error);
  return state === undefined ? isConnectionLoss(error) : /^(08|57P0|53300)/.test(state);
}

/** Returns whether the server has no free connection or is starting. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && /^(53300|57P03)$/.test(sqlStateOf(error) ?? '');
}

/**
 * Returns whether the connection is to a different server than before, or to a read-only server. After a failover, the
 * address may belong to another server.
 */
export function isOfAnotherServer(error: unknown): boolean {
  return error instanceof OtherServer || (error instanceof Error && sqlStateOf(error) === '25006');
}

/** The error for a connection that must not be used again, because it is to a different server than before. */
export class OtherServer extends Error {
  override readonly name = 'OtherServer';
}

/** The error for a transaction that the server rolled back at the commit, because one of its statements had failed. */
export class RolledBack extends Error {
  override readonly name = 'RolledBack';

  constructor() {
    super('a transaction was not committed because one of its statements failed');
  }
}

/** Returns whether the server offers no TLS. */
export function hasNoTls(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections';
}

/** Returns the error for an address without a server in the required role; a retry may find a server in this role. */
export function noServer(role: string): Error {
  return new Error(`${NO_SERVER} is a ${role}`);
}

/** Returns the error for a commit without a known outcome. */
export function lostCommit(cause: Error): Error {
  return new Error(`${LOST_COMMIT}, so the transaction may or may not have been committed: ${cause.message}`, {
    cause,
  });
}

/** Returns whether the error means that the connection is lost. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlStateOf(error);
  if (state !== undefined) return /^(08|57P0)/.test(state);
  return 'syscall' in error || error instanceof AggregateError || CONNECTION_MESSAGE.test(error.message);
}

/**
 * Returns whether PostgreSQL aborted a transaction because of a conflict, or because a referenced row was just removed.
 * A retry succeeds, or finds the row missing.
 */
export function isGivenUp(error: unknown): boolean {
  return error instanceof Error && /^(40001|40P01|23503)$/.test(sqlStateOf(error) ?? '');
}

/**
 * Returns whether a row of `layer_feature` has no partition. Unlike the error of a check constraint, the error names no
 * constraint.
 */
export function isBeyondPartitions(error: unknown): boolean {
  if (!(error instanceof Error) || sqlStateOf(error) !== '23514') return false;
  return 'table' in error && error.table === 'layer_feature' && !('constraint' in error && error.constraint);
}

/** Returns whether the server failed, and not the statement, so that another server may succeed. */
export function isServerFault(error: unknown): boolean {
  return error instanceof Error && sqlStateOf(error) !== TOO_SLOW && isUnavailable(error);
}

/** Returns whether the server reported the error, so that the connection is intact. */
export function isOfServer(error: unknown): boolean {
  return error instanceof Error && sqlStateOf(error) !== undefined;
}

/** Classifies a PostgreSQL error; returns undefined for other errors. */
export function failureOf(error: unknown): DatabaseFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isConnectionLoss(error)) return /timeout/i.test(error.message) ? 'timeout' : 'connection';
  const state = sqlStateOf(error);
  if (state === undefined) return undefined;
  return FAILURES.find(([pattern]) => pattern.test(state))?.[1] ?? 'other';
}

/** The failures by SQLSTATE. */
const FAILURES: readonly (readonly [RegExp, DatabaseFailure])[] = [
  [/^(40|23503)/, 'conflict'],
  [/^(57014|55P03|25P03)/, 'timeout'],
  [/^(28|3D|42501|25006)/, 'refused'],
  [/^(53|54)/, 'limit'],
];

/** The class `program_limit_exceeded`: an index row must be smaller than a third of a page. */
const TOO_LONG = '54000';

/** `query_canceled`, for example by `statement_timeout`. */
const TOO_SLOW = '57014';

/**
 * Error classes and codes that concern the server instead of a statement
 * (postgresql.org/docs/current/errcodes-appendix.html): connection, authorization, missing database, read-only,
 * aborted, resources, privilege, shutdown or cancellation, lock timeout, system, corruption.
 */
const UNAVAILABLE = /^(08|28|3D000|25006|40001|40P01|53|42501|57|55P03|58|XX00[12])/;

const NO_SERVER = 'no server in the address';

const LOST_COMMIT = 'the connection was lost at the commit';

/** Errors of pg without a code, {@link LOST_COMMIT} and {@link NO_SERVER}. */
const CONNECTION_MESSAGE =
  /^(the connection was lost|no server in the address|Connection terminated|timeout e|Query read timeout|Client (has encountered|was closed)|The server does not support SSL|Cannot use a pool)/;

function isUnavailable(error: Error): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return UNAVAILABLE.test(state);
  return isConnectionLoss(error) || /password|certificate|SASL|SCRAM/.test(error.message) || 'code' in error;
}

/** The error for an address with several hosts has a list of errors and no message. */
function reasonOf(error: Error): string {
  const [first]: unknown[] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : error.message;
}

function sqlStateOf(error: Error): string | undefined {
  const code = 'code' in error && 'severity' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
