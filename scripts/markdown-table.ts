/**
 * Formats a Markdown table with columns of equal width.
 *
 * @param rows the head first; all rows have the same length
 */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...others] = rows;
  const widths = head.map((_, column) => Math.max(MIN_WIDTH, ...rows.map((row) => row[column]?.length ?? 0)));
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [head, widths.map((width) => '-'.repeat(width)), ...others].map(lineOf).join('');
}

/** Formatters write at least three dashes below a head (github.github.com/gfm, "Tables"). */
const MIN_WIDTH = 3;

/**
 * Replaces the text between two markers with a table.
 *
 * @throws Error for a text without the markers
 */
export function withTable(text: string, { begin, end }: TableMarkers, table: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no ${begin} before ${end}`);
  return `${text.slice(0, from)}${begin}\n\n${table}\n${text.slice(to)}`;
}

export type TableMarkers = { readonly begin: string; readonly end: string };
