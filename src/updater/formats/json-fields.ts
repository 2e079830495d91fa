/** A JSON object whose values were not looked at yet; null in it is as good as absent. */
export type Fields = Readonly<Record<string, unknown>>;

/** Gives `value` when it is an object; undefined for arrays and everything else. */
export function fieldsOf(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Gives `value` when it is a text, and the empty text for everything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Gives the members of an array, and none for everything else. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Gives the texts in an array, and none for everything else. */
export function textsOf(value: unknown): readonly string[] {
  return itemsOf(value).filter((item) => typeof item === 'string');
}

const MAX_SHOWN_LENGTH = 100;

/** Writes a value of a feed for a message. */
export function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, MAX_SHOWN_LENGTH);
}
