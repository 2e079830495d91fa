import { textWidth } from '../table/text-width.ts';
import type { Severity } from '../../model/severity.ts';
import { instructionText } from '../table/instruction.ts';
import { shortenedColumns } from '../table/shortened.ts';
import { type Markup, markup, textOf } from '../writing/markup.ts';
import { printable } from '../../model/printable.ts';
import { findingCounts } from './finding-counts.ts';
import { drawnLines, type DrawnLine, leftOutText } from './drawn-lines.ts';
import type { GraphLayer, ImageGraph } from './image-graph.ts';
import { INFINITY, ZERO } from './version-lines.ts';

/**
 * Returns a graph as a self-contained SVG. The SVG shows the layers, base first, with the numbers of their packages and
 * findings. Below, the SVG shows each version line from 0 to ∞, with a point for each installed version and a bar for
 * each vulnerability. Versions are evenly spaced, because only the order of the versions matters.
 */
export function graphSvg(graph: ImageGraph): string {
  const { target, layers } = graph;
  const drawn = drawnLines(graph);
  const lines = drawn.lines.map(placedLine);
  const title = `${target.reference} (${target.platform})`;
  const top = MARGIN + TITLE_HEIGHT;
  const linesTop = top + layers.length * LAYER_HEIGHT + GAP;
  const bottom = lines.reduce((sum, { height }) => sum + height, linesTop);
  const note = leftOutText(drawn);
  const height = bottom + MARGIN + (note === '' ? 0 : ROW);
  const width = Math.max(LAYER_WIDTH, ...lines.map((line) => line.width)) + 2 * MARGIN;
  let y = linesTop;
  const drawings = lines.map((line) => {
    const drawing = lineDrawing(line, y);
    y += line.height;
    return drawing;
  });
  return textOf(markup`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, monospace" font-size="${FONT}">
<title>${`Layers and version lines of ${title}`}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${MARGIN}" y="${MARGIN + FONT}" font-size="16" font-weight="bold">${shortenedColumns(printable(title), MAX_TITLE)}</text>
${layers.map((layer, at) => layerDrawing(layer, top + at * LAYER_HEIGHT))}${drawings}${note === '' ? '' : markup`<text x="${MARGIN}" y="${height - MARGIN}" fill="#555555">${note}</text>\n`}</svg>
`);
}

/** The lengths in SVG user units. */
const MARGIN = 16;
const GAP = 24;
const FONT = 12;
const ROW = 18;
const CHARACTER = 7.4;
const TITLE_HEIGHT = 32;
const LAYER_HEIGHT = 44;
const LAYER_WIDTH = 900;
const LINE_LEFT = 24;

/** The maximum lengths of texts, in columns. */
const MAX_TITLE = 90;
const MAX_INSTRUCTION = 100;
const MAX_VERSION = 40;
const MAX_NAME = 80;
const MAX_LABEL = 48;

function layerDrawing(layer: GraphLayer, y: number): Markup {
  const { index, createdBy, origin, added, removed, size } = layer;
  const fill = { base: '#e8edf5', own: '#eaf5ea', unknown: '#f2f2f2' }[origin];
  const stored = size === null ? '' : `, ${(size / 1e6).toFixed(1)} MB`;
  const of = origin === 'unknown' ? '' : ` (${origin})`;
  const counts = `+${added.length} −${removed.length} packages${stored}; ${findingCounts(layer)}`;
  const instruction = instructionText(createdBy);
  return markup`<g><title>${instruction}</title><rect x="${MARGIN}" y="${y}" width="${LAYER_WIDTH}" height="${LAYER_HEIGHT - 4}" rx="4" fill="${fill}" stroke="#8a94a3"/>
<text x="${MARGIN + 8}" y="${y + 16}" font-weight="bold">${`${index}${of}  ${shortenedColumns(instruction, MAX_INSTRUCTION)}`}</text>
<text x="${MARGIN + 8}" y="${y + 33}">${counts}</text></g>
`;
}

type PlacedLine = DrawnLine & {
  readonly at: ReadonlyMap<string, number>;
  readonly width: number;
  readonly height: number;
};

/**
 * Returns the positions of the versions of a version line. The positions are to the right of the bar labels and leave
 * space for each version label.
 */
function placedLine(line: DrawnLine): PlacedLine {
  const at = new Map<string, number>();
  const labels = Math.max(0, ...line.drawn.map((each) => textWidth(intervalText(each)))) * CHARACTER;
  let x = MARGIN + labels + LINE_LEFT;
  let before = 0;
  for (const version of [ZERO, ...line.versions, INFINITY]) {
    const half = (textWidth(shortenedColumns(printable(version), MAX_VERSION)) * CHARACTER) / 2;
    if (at.size > 0) x += Math.max(60, before + half + CHARACTER * 2);
    at.set(version, Math.round(x));
    before = half;
  }
  const rows = line.drawn.length + (line.intervalsLeftOut > 0 ? 1 : 0);
  const height = ROW * (rows + 3) + GAP;
  return { ...line, at, width: Math.round(Math.max(x + 4 * CHARACTER, LAYER_WIDTH)), height };
}

function lineDrawing(line: PlacedLine, top: number): Markup {
  const { at, name, namespace, points, drawn, intervalsLeftOut } = line;
  const x = (version: string): number => at.get(version) ?? 0;
  const axis = top + ROW * 2;
  const end = x(INFINITY);
  const ticks = [...at].map(
    ([version, place]) =>
      markup`<line x1="${place}" y1="${axis - 4}" x2="${place}" y2="${axis + 4}" stroke="#333333"/><text x="${place}" y="${axis + 16}" text-anchor="middle">${shortenedColumns(printable(version), MAX_VERSION)}</text>
`,
  );
  const dots = points
    // A version that the package manager cannot order has no position on a version line.
    .filter(({ version }) => at.has(version))
    .map(({ version, layer, until, packages }) => {
      const isThere = until === null;
      const words = `${packages.join(', ')} ${version}: added by layer ${layer}${isThere ? '' : `, removed by layer ${until}`}`;
      return markup`<g><title>${words}</title><circle cx="${x(version)}" cy="${axis}" r="9" fill="${isThere ? '#1b1f24' : '#ffffff'}" stroke="#1b1f24"/><text x="${x(version)}" y="${axis + 4}" text-anchor="middle" font-size="10" fill="${isThere ? '#ffffff' : '#1b1f24'}">${layer}</text></g>
`;
    });
  const bars = drawn.map((interval, row) => {
    const y = axis + ROW * (row + 1) + 6;
    const [from, to] = [x(interval.from), x(interval.to)];
    const range = `${interval.vulnerability}: from ${interval.from} to ${interval.to} (${interval.isToAffected ? 'inclusive' : 'exclusive'})`;
    return markup`<g><title>${range}</title><rect x="${from}" y="${y}" width="${Math.max(4, to - from)}" height="12" rx="3" fill="${COLORS[interval.severity]}"/><text x="${MARGIN}" y="${y + 10}">${intervalText(interval)}</text></g>
`;
  });
  const more =
    intervalsLeftOut === 0
      ? ''
      : markup`<text x="${MARGIN}" y="${axis + ROW * (drawn.length + 1) + 16}" fill="#555555">${`${intervalsLeftOut} more`}</text>
`;
  return markup`<g>
<text x="${MARGIN}" y="${top + FONT}" font-weight="bold">${shortenedColumns(printable(`${name} in ${namespace}`), MAX_NAME)}</text>
<line x1="${x(ZERO)}" y1="${axis}" x2="${end}" y2="${axis}" stroke="#333333" stroke-width="2"/>
${ticks}${dots}${bars}${more}</g>
`;
}

function intervalText({ vulnerability, severity, status }: DrawnLine['drawn'][number]): string {
  return shortenedColumns(printable(`${vulnerability} (${severity}, ${status})`), MAX_LABEL);
}

const COLORS: Readonly<Record<Severity, string>> = {
  Defcon1: '#5b0f8b',
  Critical: '#a5122d',
  High: '#d2471f',
  Medium: '#d58a00',
  Low: '#3f7cc4',
  Negligible: '#8a94a3',
  Unknown: '#8a94a3',
};
