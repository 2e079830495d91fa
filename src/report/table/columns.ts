import { textWidth } from './text-width.ts';

/** A printable text, and a function that colours each of its lines. */
export type Cell = { readonly text: string; readonly paint?: (text: string) => string };

/**
 * Returns rows as aligned lines. Each column is as wide as its widest cell. In a narrow terminal, the widest cells
 * wrap, so that no text is lost.
 *
 * @param narrow the columns to shrink before the other columns
 * @param available the width of the terminal in columns; unlimited when undefined
 */
export function columnLines(
  rows: readonly (readonly Cell[])[],
  narrow: readonly number[],
  available: number | undefined,
): readonly string[] {
  const natural = naturalWidths(rows);
  const widths = available === undefined ? natural : fitting(natural, narrow, available);
  return rows.flatMap((row) => rowLines(row, widths));
}

/** Returns the width of the widest cell of each column, in terminal columns. */
export function naturalWidths(rows: readonly (readonly Cell[])[]): readonly number[] {
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return Array.from({ length: count }, (_, at) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[at]?.text ?? '')), 0),
  );
}

/** The space between columns. */
export const GAP = '  ';

/** The minimum width of a column, in terminal columns. */
const MIN_WIDTH = 7;

function fitting(natural: readonly number[], narrow: readonly number[], available: number): readonly number[] {
  const widths = [...natural];
  const gaps = GAP.length * Math.max(0, widths.length - 1);
  let over = widths.reduce((sum, width) => sum + width, gaps) - available;
  for (const columns of [narrow, [...widths.keys()]]) {
    for (; over > 0; over -= 1) {
      const widest = Math.max(...columns.map((at) => widths[at] ?? 0));
      if (widest <= MIN_WIDTH) break;
      const at = columns.findLast((each) => widths[each] === widest);
      if (at !== undefined) widths[at] = widest - 1;
    }
  }
  return widths;
}

function rowLines(row: readonly Cell[], widths: readonly number[]): readonly string[] {
  const broken = row.map(({ text }, at) => brokenText(text, widths[at] ?? 0));
  const height = Math.max(1, ...broken.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const last = row.findLastIndex((_cell, at) => (broken[at]?.[line] ?? '') !== '');
    const cells = row.slice(0, last + 1).map(({ paint = plain }, at) => {
      const text = broken[at]?.[line] ?? '';
      const padding = at === last ? '' : ' '.repeat(Math.max(0, (widths[at] ?? 0) - textWidth(text)));
      return `${text === '' ? '' : paint(text)}${padding}`;
    });
    return cells.join(GAP);
  });
}

function plain(text: string): string {
  return text;
}

function brokenText(text: string, width: number): readonly string[] {
  if (textWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const character of text) {
    const wide = textWidth(character);
    if (used + wide > width && line !== '') {
      // A line with a space breaks at the space, so that names and versions remain whole.
      const space = character === ' ' ? -1 : line.lastIndexOf(' ');
      const rest = space === -1 ? '' : line.slice(space + 1);
      lines.push(space === -1 ? line : line.slice(0, space));
      line = rest;
      used = textWidth(rest);
      if (line === '' && character === ' ') continue;
    }
    line += character;
    used += wide;
  }
  return [...lines, line];
}
