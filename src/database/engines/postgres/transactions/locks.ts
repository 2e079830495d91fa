import { escapeLiteral } from 'pg';
import type { TransactionOptions } from '../../engine.ts';
import { storableText } from '../values.ts';

/**
 * Returns a call that locks a name in the schema until the end of the transaction, and waits for other holders of the
 * lock.
 *
 * @param name an SQL expression
 */
export function lockSql(name: string): string {
  return `pg_advisory_xact_lock(${keyOf(name)})`;
}

/** A statement that locks a name of a transaction. */
export type LockStatement = { readonly statement: string; readonly name: string };

/** Returns the statements that lock the names of a transaction. */
export function locksOf({ alone, beside }: Pick<TransactionOptions, 'alone' | 'beside'>): readonly LockStatement[] {
  return [
    ...(alone === undefined ? [] : [{ statement: `SELECT ${lockSql('?')}`, name: alone }]),
    ...(beside === undefined ? [] : [{ statement: `SELECT ${SHARED_LOCK}`, name: beside }]),
  ];
}

/** Returns the statements that begin a transaction and lock its names, as one query. */
export function beginningOf(names: Pick<TransactionOptions, 'alone' | 'beside'>): string {
  const locks = locksOf(names).map(({ statement, name }) => statement.replace('?', () => literalOf(name)));
  return ['BEGIN', ...locks].join('; ');
}

/** A shared lock and a lock of {@link lockSql} wait for each other; shared locks do not wait for each other. */
const SHARED_LOCK = `pg_advisory_xact_lock_shared(${keyOf('?')})`;

function keyOf(name: string): string {
  return `hashtextextended(current_schema() || ' ' || ${name}, 0)`;
}

function literalOf(name: string): string {
  return escapeLiteral(storableText(name));
}
