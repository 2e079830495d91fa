import type { SqlValue } from '../engine.ts';

/** Converts a value to one that PostgreSQL can store. */
export function storableValue(value: SqlValue): SqlValue {
  return typeof value === 'string' ? storableText(value) : value;
}

/**
 * Replaces U+0000, which PostgreSQL cannot store in text (postgresql.org/docs/current/datatype-character.html) but
 * images and feeds may contain.
 */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}
