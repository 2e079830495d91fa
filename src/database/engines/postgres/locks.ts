import { escapeLiteral } from 'pg';
import type { TransactionOptions } from '../engine.ts';
import { storableText } from './values.ts';

/**
 * Returns a call that locks a name in the schema until the end of the transaction, and waits for other holders of the
 * lock.
 *
 * @param name an SQL expression
 */
export function lockSql(name: string): string {
  return `pg_advisory_xact_lock(${keyOf(name)})`;
}

/** Returns the statements that begin a transaction and lock its names, as one query. */
export function beginningOf({ alone, beside }: Pick<TransactionOptions, 'alone' | 'beside'>): string {
  const locks = [
    ...(alone === undefined ? [] : [lockSql(literalOf(alone))]),
    // A shared lock and a lock of `lockSql` wait for each other; shared locks do not wait for each other.
    ...(beside === undefined ? [] : [`pg_advisory_xact_lock_shared(${keyOf(literalOf(beside))})`]),
  ];
  return ['BEGIN', ...locks.map((lock) => `SELECT ${lock}`)].join('; ');
}

function keyOf(name: string): string {
  return `hashtextextended(current_schema() || ' ' || ${name}, 0)`;
}

function literalOf(name: string): string {
  return escapeLiteral(storableText(name));
}
