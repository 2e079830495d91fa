/**
 * Writes a table as it is formatted in the documentation: all cells of a column equally wide.
 *
 * @param rows the head first; all as long as it
 */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...others] = rows;
  const widths = head.map((_, column) => Math.max(MIN_WIDTH, ...rows.map((row) => row[column]?.length ?? 0)));
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [head, widths.map((width) => '-'.repeat(width)), ...others].map(lineOf).join('');
}

/** The dashes below a head are three at least (github.github.com/gfm, "Tables", as formatters write them). */
const MIN_WIDTH = 3;

/**
 * Puts a table between two markers in a text, in place of what stands there.
 *
 * @throws Error for a text without the markers.
 */
export function withTable(text: string, { begin, end }: TableMarkers, table: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no ${begin} before ${end}`);
  return `${text.slice(0, from)}${begin}\n\n${table}\n${text.slice(to)}`;
}

export type TableMarkers = { readonly begin: string; readonly end: string };
