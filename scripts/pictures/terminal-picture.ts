import xterm from '@xterm/headless';
import { type Markup, markup, textOf, verbatim } from '../../src/report/writing/markup.ts';
import { type Row, rowOf } from './screen-row.ts';
import type { Recording } from './terminal-recording.ts';

/** The width in characters, and the title and description for screen readers. */
export type TerminalPictureOptions = {
  readonly columns: number;
  readonly title: string;
  readonly description: string;
};

/** The maximum number of rows, more than any recording has, so that nothing scrolls. */
const MAX_ROWS = 400;

/** The font size in pixels. */
const FONT_SIZE = 13;

/** The size of a character in pixels, as in common terminal fonts. */
const CELL = { width: 7.8, height: 17 };
const MARGIN = 16;
const BAR_HEIGHT = 32;

/** A row of the screen, and the period in seconds in which the row is visible; a row of the final screen has no end. */
type Shown = { readonly index: number; readonly row: Row; readonly from: number; readonly until?: number };

/**
 * Draws a recording as an SVG of a terminal window that plays once and then stops. The SVG loads no other files.
 * Viewers without animations, or with reduced motion, show the final screen.
 */
export async function terminalPicture(
  recording: Recording,
  { columns, title, description }: TerminalPictureOptions,
): Promise<string> {
  const shown = await shownRows(recording, columns);
  const rows = Math.max(...shown.map(({ index }) => index + 1), 0);
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + BAR_HEIGHT + MARGIN;
  return textOf(markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${title}</title>
<desc id="description">${description}</desc>
<style>${verbatim(STYLE)}</style>
<rect width="${width}" height="${height}" rx="8" fill="#12161c"/>
<circle cx="20" cy="17" r="5.5" fill="#ff5f57"/><circle cx="38" cy="17" r="5.5" fill="#febc2e"/><circle cx="56" cy="17" r="5.5" fill="#28c840"/>
${grouped(shown).map(drawn)}
</svg>
`);
}

/** Terminal colours on a dark background, readable on light and dark pages. */
const STYLE = `
text { font: ${FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dde5 }
text { white-space: pre }
.b { font-weight: 700 }
.d { fill: #8b98a9 }
.c1 { fill: #ff7b72 }
.c2 { fill: #6fcf7f }
.c3 { fill: #e3b341 }
.c4 { fill: #79b8ff }
.c5 { fill: #d2a8ff }
.c6 { fill: #56d4dd }
.gone { visibility: hidden }
@keyframes hide { from, to { visibility: hidden } }
@keyframes show { from, to { visibility: visible } }
@media (prefers-reduced-motion: reduce) { g { animation: none !important } }
`;

/** Plays a recording and returns the states of each row with their periods, without blank rows. */
async function shownRows(recording: Recording, columns: number): Promise<readonly Shown[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: MAX_ROWS, scrollback: 0, allowProposedApi: true });
  const open = new Map<number, { readonly row: Row; readonly text: string; readonly from: number }>();
  const shown: Shown[] = [];
  for (const at of new Set(recording.map((each) => each.at))) {
    const text = recording.filter((each) => each.at === at).map((each) => each.text);
    await new Promise<void>((resolve) => terminal.write(text.join(''), resolve));
    for (let index = 0; index < MAX_ROWS; index += 1) {
      const row = rowOf(terminal.buffer.active.getLine(index));
      const [before, now] = [open.get(index), JSON.stringify(row)];
      if (before?.text === now) continue;
      if (before !== undefined) shown.push({ index, row: before.row, from: before.from, until: at / 1000 });
      open.set(index, { row, text: now, from: at / 1000 });
    }
  }
  terminal.dispose();
  for (const [index, { row, from }] of open) shown.push({ index, row, from });
  return shown.filter(({ row }) => row.length > 0);
}

/** Groups rows with equal periods, so that a new recording of the same output differs in few lines. */
function grouped(shown: readonly Shown[]): readonly (readonly Shown[])[] {
  const groups = new Map<string, Shown[]>();
  for (const row of shown) {
    const times = `${row.from} ${row.until}`;
    groups.set(times, [...(groups.get(times) ?? []), row]);
  }
  return [...groups.values()];
}

function drawn(group: readonly Shown[]): Markup {
  const { from = 0, until } = group[0] ?? {};
  const rows = group.map(drawnRow);
  if (until !== undefined)
    return markup`<g class="gone" style="animation:show ${rounded(until - from)}s ${from}s">\n${rows}</g>\n`;
  return from === 0 ? markup`<g>\n${rows}</g>\n` : markup`<g style="animation:hide ${from}s">\n${rows}</g>\n`;
}

function drawnRow({ index, row }: Shown): Markup {
  const y = BAR_HEIGHT + MARGIN + index * CELL.height;
  const runs = row.map(({ text, column, classes }) => {
    const [x, length] = [rounded(MARGIN + column * CELL.width), rounded(text.length * CELL.width)];
    return markup`<text x="${x}" y="${y}" textLength="${length}" class="${classes}">${text}</text>`;
  });
  return markup`${runs}\n`;
}

function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
