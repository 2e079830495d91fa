import pg, { type CustomTypesConfig } from 'pg';
import type { SqlValue } from './engine.ts';

/** How what PostgreSQL gives becomes a {@link SqlValue}: 64 bits hold ids, times and counts, all of which are exact. */
export const VALUE_TYPES: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)),
};

/** A value as PostgreSQL takes it. */
export function storableValue(value: SqlValue): SqlValue {
  return typeof value === 'string' ? storableText(value) : value;
}

/** PostgreSQL has no U+0000 in texts (postgresql.org/docs/current/datatype-character.html); strangers' files have. */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}
