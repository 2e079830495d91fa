import { textWidth } from './text-width.ts';

/** Shortens a printable text to a number of terminal columns, with an ellipsis at the cut. */
export function shortenedColumns(text: string, columns: number): string {
  // Cut a very long text before measuring it.
  const start = text.slice(0, columns * MAX_UNITS_PER_COLUMN);
  if (start === text && textWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of start) {
    width += textWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * The maximum number of UTF-16 code units to measure per column. Combining marks take no column, but in real text, a
 * letter has only a few combining marks.
 */
const MAX_UNITS_PER_COLUMN = 8;
