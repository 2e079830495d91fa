import { escapeLiteral } from 'pg';
import type { TransactionOptions } from '../engine.ts';
import { storableText } from './values.ts';

/**
 * Returns a statement that holds a name in the schema until the end of the transaction, and waits for other holders.
 *
 * @param name an SQL expression
 */
export function lockSql(name: string): string {
  return `pg_advisory_xact_lock(${keyOf(name)})`;
}

/** Returns the statements that begin a transaction and hold its names, to be sent together. */
export function beginningOf({ alone, beside }: Pick<TransactionOptions, 'alone' | 'beside'>): string {
  const locks = [
    ...(alone === undefined ? [] : [lockSql(literalOf(alone))]),
    // A shared lock: waits for holders of `lockSql`, which wait for it in turn; holders of shared locks do not wait for
    // each other.
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
