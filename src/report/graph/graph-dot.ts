import { instructionText } from '../table/instruction.ts';
import { printable } from '../../model/printable.ts';
import { findingCounts } from './finding-counts.ts';
import { shortened } from '../writing/shortened.ts';
import { drawnLines, type DrawnLine, leftOutText } from './drawn-lines.ts';
import type { GraphLayer, ImageGraph } from './image-graph.ts';
import { INFINITY, ZERO } from './version-lines.ts';
import { countOf } from '../../model/counted-noun.ts';

/**
 * Returns a graph in the DOT language (graphviz.org/doc/info/lang.html). The graph contains the layers in a row and
 * each version line from 0 to ∞. Edges lead from each layer to the versions that the layer adds or removes. Each
 * vulnerability is a node with edges to both ends of its range.
 */
export function graphDot(graph: ImageGraph): string {
  const { target, layers } = graph;
  const drawn = drawnLines(graph);
  const note = leftOutText(drawn);
  return [
    'digraph clair {',
    `  graph [rankdir=LR, label=${quoted(`${target.reference} (${target.platform})${note === '' ? '' : `\n${note}`}`)}, labelloc=t];`,
    '  node [shape=box, fontname="sans-serif"];',
    '  subgraph cluster_layers {',
    '    label="Layers";',
    ...layers.map((layer) => `    layer${layer.index} [label=${quoted(layerLabel(layer))}];`),
    ...layers.slice(1).map(({ index }) => `    layer${index - 1} -> layer${index};`),
    '  }',
    ...drawn.lines.flatMap(lineStatements),
    '}',
    '',
  ].join('\n');
}

/** The maximum length of an instruction, in UTF-16 code units. */
const MAX_INSTRUCTION = 60;

function layerLabel({ index, createdBy, origin, added, removed, brings, repairs }: GraphLayer): string {
  const of = origin === 'unknown' ? '' : ` (${origin})`;
  return [
    `${index}${of}: ${shortened(instructionText(createdBy), MAX_INSTRUCTION)}`,
    `+${added.length} −${removed.length} packages`,
    findingCounts({ brings, repairs }),
  ].join('\n');
}

function lineStatements(line: DrawnLine, at: number): readonly string[] {
  const versions = [ZERO, ...line.versions, INFINITY];
  const node = (version: string): string => `line${at}_${versions.indexOf(version)}`;
  const shown = versions.map((version) => `    ${node(version)} [shape=ellipse, label=${quoted(version)}];`);
  const order = versions.map(node).join(' -> ');
  const vulnerabilities = line.drawn.flatMap(({ vulnerability, from, to, severity, status }, index) => {
    const own = `vulnerability${at}_${index}`;
    return [
      `  ${own} [shape=note, color=${COLORS[severity]}, label=${quoted(`${vulnerability}\n${severity}, ${status}`)}];`,
      `  ${own} -> ${node(from)} [style=dashed, label="from"];`,
      `  ${own} -> ${node(to)} [style=dashed, label="to"];`,
    ];
  });
  const points = line.points
    // A version that the package manager cannot order has no position on a version line.
    .filter(({ version }) => versions.includes(version))
    .flatMap(({ version, layer, until }) => [
      `  layer${layer} -> ${node(version)};`,
      ...(until === null ? [] : [`  layer${until} -> ${node(version)} [color=gray, label="removes"];`]),
    ]);
  const more =
    line.intervalsLeftOut === 0
      ? ''
      : `, and ${countOf(line.intervalsLeftOut, 'more vulnerability', 'more vulnerabilities')}`;
  return [
    `  subgraph cluster_line${at} {`,
    `    label=${quoted(`${line.name} in ${line.namespace}${more}`)};`,
    ...shown,
    `    ${order};`,
    '  }',
    ...points,
    ...vulnerabilities,
  ];
}

const COLORS = {
  Defcon1: 'purple',
  Critical: 'crimson',
  High: 'orangered',
  Medium: 'orange',
  Low: 'steelblue',
  Negligible: 'gray',
  Unknown: 'gray',
} as const;

/** Returns a quoted DOT string. Only the quotation mark and the backslash are special in such a string. */
function quoted(text: string): string {
  const lines = text.split('\n').map((line) => printable(line).replace(/[\\"]/g, '\\$&'));
  return `"${lines.join('\\n')}"`;
}
