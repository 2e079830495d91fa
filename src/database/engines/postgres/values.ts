import type { SqlValue } from '../engine.ts';

/** A value as PostgreSQL takes it. */
export function storableValue(value: SqlValue): SqlValue {
  return typeof value === 'string' ? storableText(value) : value;
}

/** PostgreSQL has no U+0000 in texts (postgresql.org/docs/current/datatype-character.html); strangers' files have. */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}
