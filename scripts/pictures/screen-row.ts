import type { IBufferCell, IBufferLine } from '@xterm/headless';

/**
 * The visible runs of a row: adjacent words of the same style, with the column of the first word. Two or more blanks
 * separate runs.
 */
export type Row = readonly { readonly text: string; readonly column: number; readonly classes: string }[];

/** Reads a row of the screen. A blank or absent row has no runs. */
export function rowOf(line: IBufferLine | undefined): Row {
  const runs: { text: string; column: number; classes: string }[] = [];
  for (let column = 0; column < (line?.length ?? 0); column += 1) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() ?? '';
    if (cell === undefined || text.trim() === '') continue;
    const classes = classesOf(cell);
    const last = runs.at(-1);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : column - last.column - last.text.length;
    if (last !== undefined && last.classes === classes && gap <= 1) last.text += ' '.repeat(gap) + text;
    else runs.push({ text, column, classes });
  }
  return runs;
}

/** Returns the style classes of a cell in the picture, for bold, dim, and the eight terminal colours. */
function classesOf(cell: IBufferCell): string {
  const color = cell.isFgPalette() ? `c${cell.getFgColor() % COLORS}` : '';
  return [cell.isBold() === 0 ? '' : 'b', cell.isDim() === 0 ? '' : 'd', color].filter((each) => each !== '').join(' ');
}

/** Bright colours map to the normal colours. */
const COLORS = 8;
