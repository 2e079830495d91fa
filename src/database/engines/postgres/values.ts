import type { SqlValue } from '../engine.ts';

/** Converts a value for storage in PostgreSQL. */
export function storableValue(value: SqlValue): SqlValue {
  return typeof value === 'string' ? storableText(value) : value;
}

/** Replaces U+0000, which PostgreSQL cannot store in text (postgresql.org/docs/current/datatype-character.html). */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}
