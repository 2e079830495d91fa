/** Separates the items of a list. No item contains a line break, because databases escape line breaks in JSON. */
const SEPARATOR = ',\n';

/** The number of characters per part; parsing a part takes a few milliseconds. */
const PART_LENGTH = 400_000;

/**
 * Returns an SQL aggregate that lists one item per row, for {@link jsonParts}; its value is NULL if there are no rows.
 * An item is a list of the values of its columns. Both engines return a single text three times as fast as the same
 * values in rows and columns.
 *
 * @param columns SQL expressions that return numbers or text
 * @param first an SQL expression that returns JSON text without line breaks, which becomes the first value of each
 * item. If the text were one of the columns, the database would escape it and the program would parse it twice.
 */
export function jsonItems(columns: readonly string[], first?: string): string {
  const item = `CAST(json_array(${columns.join(', ')}) AS TEXT)`;
  return `string_agg(${first === undefined ? item : `'[' || ${first} || ',' || substr(${item}, 2)`}, '${SEPARATOR}')`;
}

/**
 * Cuts a list of {@link jsonItems} into JSON lists of several thousand items, so that other work can run in between.
 */
export function* jsonParts(items: string | null, partLength: number = PART_LENGTH): Generator<string> {
  if (items === null) return;
  for (let start = 0; start < items.length; ) {
    const found = items.indexOf(SEPARATOR, start + partLength);
    const end = found === -1 ? items.length : found;
    yield `[${items.slice(start, end)}]`;
    start = end + SEPARATOR.length;
  }
}
