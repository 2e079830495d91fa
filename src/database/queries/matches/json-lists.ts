/**
 * A column of an item of a JSON list: SQL that is a number, a text, a text or NULL, or JSON. An item is a list of the values of
 * its columns, in their order.
 */
export type ItemColumn =
  | { readonly number: string }
  | { readonly text: string }
  | { readonly textOrNull: string }
  | { readonly json: string };

/**
 * Returns an SQL aggregate that is a JSON list of one item a row, in the notation that {@link jsonOfItems} takes; NULL for no
 * rows. One text costs both engines a third of what many rows with as many columns do.
 */
export function jsonItems(columns: readonly ItemColumn[]): string {
  return `string_agg(${jsonItem(columns)}, '],[')`;
}

/**
 * How many items a list of {@link jsonLists} has at most: they are parsed in a few milliseconds, and are far from the longest
 * text that SQLite and V8 have.
 */
const ITEMS_PER_LIST = 5000;

/**
 * Returns the parts of a SELECT that gives the items of many rows in lists of at most {@link ITEMS_PER_LIST}, and no list for no
 * rows: the column of the lists, and what follows the columns. The texts of the items are made before they are grouped, because
 * SQLite sorts what it groups.
 *
 * @param from the SQL of the rows, from FROM on
 */
export function jsonLists(
  columns: readonly ItemColumn[],
  from: string,
): { readonly list: string; readonly from: string } {
  return {
    list: `string_agg(item.json, '],[')`,
    from: `FROM (
  SELECT ${jsonItem(columns)} AS json, (ROW_NUMBER() OVER () - 1) / ${ITEMS_PER_LIST} AS place
  ${from}
) AS item
GROUP BY item.place`,
  };
}

/** Returns the JSON of a list that {@link jsonItems} or {@link jsonLists} gave. */
export function jsonOfItems(items: string | null): string {
  return items === null ? '[]' : `[[${items}]]`;
}

function jsonItem(columns: readonly ItemColumn[]): string {
  return `concat_ws(',', ${columns.map(jsonOf).join(', ')})`;
}

function jsonOf(column: ItemColumn): string {
  if ('number' in column) return column.number;
  if ('json' in column) return column.json;
  if ('text' in column) return `json_quote(${column.text})`;
  return `CASE WHEN ${column.textOrNull} IS NULL THEN 'null' ELSE json_quote(${column.textOrNull}) END`;
}
