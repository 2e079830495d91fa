import stringWidth from 'string-width';

/** Shortens a printable text to so many columns of a terminal; what was cut off is an ellipsis. */
export function shortenedColumns(text: string, columns: number): string {
  // No character takes less than none, but many take one: a text that long is cut before it is measured.
  const start = text.slice(0, columns * MAX_UNITS_PER_COLUMN);
  if (start === text && stringWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of start) {
    width += stringWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Marks that stand above and below letters take no column; nobody writes more than a few of them. */
const MAX_UNITS_PER_COLUMN = 8;
