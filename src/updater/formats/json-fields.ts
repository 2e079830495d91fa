/** A JSON object with unvalidated values; null means absent. */
export type Fields = Readonly<Record<string, unknown>>;

/** Returns `value` if it is an object other than an array; otherwise undefined. */
export function fieldsOf(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns `value` if it is a string, otherwise ''. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Returns the items of an array; an empty list for any other value. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns the strings in an array; an empty list for any other value. */
export function textsOf(value: unknown): readonly string[] {
  return itemsOf(value).filter((item) => typeof item === 'string');
}

const MAX_SHOWN_LENGTH = 100;

/** Formats a value of a feed for a message. */
export function shown(value: unknown): string {
  if (value === undefined) return '(missing)';
  try {
    return JSON.stringify(value).slice(0, MAX_SHOWN_LENGTH);
  } catch {
    // The nesting of the value is too deep for the stack.
    return 'a deeply nested value';
  }
}
