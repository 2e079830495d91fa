import type { SqlValue } from '../engine.ts';
import type { Catalog } from './catalog.ts';
import { storableValue } from './values.ts';

/** Values by row and column. */
export type Rows = readonly (readonly SqlValue[])[];

/**
 * Returns an SQL table expression for a list of rows. {@link columnsOf} returns its parameters; `place` counts from 1.
 */
export function listOf(catalog: Catalog, table: string, columns: readonly string[]): string {
  const types = columns.map((column) => `?::${catalog.typeOf(table, column)}[]`);
  return `unnest(${types.join(', ')}) WITH ORDINALITY AS wanted (${columns.join(', ')}, place)`;
}

/** Returns the values of {@link listOf}: one array for each of `count` columns. */
export function columnsOf(rows: Rows, count: number): SqlValue[][] {
  return Array.from({ length: count }, (_, column) => rows.map((row) => storableValue(row[column] ?? null)));
}

/** Returns the parameters of one row. {@link valuesOf} returns their values. */
export function parametersOf(catalog: Catalog, table: string, columns: readonly string[]): string {
  return columns.map((column) => `?::${catalog.typeOf(table, column)}`).join(', ');
}

/** Returns the values of {@link parametersOf} for `count` columns. */
export function valuesOf(row: Rows[number], count: number): SqlValue[] {
  return Array.from({ length: count }, (_, column) => storableValue(row[column] ?? null));
}
