/**
 * Formats a Markdown table with columns of equal width.
 *
 * @param rows rows of the same length; the first row is the head
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
