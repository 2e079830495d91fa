import { sortedFindings } from '../../model/report/finding-order.ts';
import type { LayerOrigin, Report, ReportLayer, ReportFinding } from '../../model/report/report.ts';
import { countOf } from '../../model/counted-noun.ts';
import { severityWords } from '../writing/finding-words.ts';
import { findingRows, type RowsOptions } from './finding-rows.ts';
import { instructionText } from './instruction.ts';
import type { Paint } from './paint.ts';
import { shortenedColumns } from './shortened.ts';

export type GroupsOptions = Omit<RowsOptions, 'layerText'>;

/**
 * Returns the findings by layer, first for the layers of the base image, then for the other layers. Each layer is shown
 * with its instruction, but adjacent layers without findings share a line without instructions.
 */
export function layerGroups(report: Report, options: GroupsOptions): string {
  const findings = sortedFindings(report.findings, 'layer');
  const sections = originsIn(report).map((origin) => {
    const layers = report.layers.filter((layer) => layer.origin === origin);
    const here = findings.filter((finding) => originOf(report, finding) === origin);
    const isAlone = layers.length === report.layers.length;
    const title = `${options.paint.strong(TITLES[origin](isAlone))}: ${countText(here, options.paint)}`;
    return [title, ...blocksOf(layers, here, options)].join('\n\n');
  });
  return sections.join('\n\n');
}

/** Returns the number of findings, such as `3 findings (1 high, 2 low)` or `no findings`. */
export function countText(findings: readonly ReportFinding[], paint: Paint): string {
  if (findings.length === 0) return 'no findings';
  return `${countOf(findings.length, 'finding')} (${severityWords(findings, paint.severity)})`;
}

const TITLES: Readonly<Record<LayerOrigin, (isAlone: boolean) => string>> = {
  base: () => 'Base image',
  own: () => 'Your own layers',
  unknown: (isAlone) =>
    isAlone
      ? 'All layers (base image unknown; use --base to name the base image)'
      : 'Other layers (yours, or from an unknown base image; use --base to name the base image)',
};

/**
 * Returns the origins in the order of the layers. If the report does not list the layer of a finding, the origin of the
 * finding is unknown.
 */
function originsIn({ layers, findings }: Report): readonly LayerOrigin[] {
  const origins = new Set(layers.map(({ origin }) => origin));
  if (findings.some(({ layer }) => layers[layer] === undefined)) origins.add('unknown');
  return [...origins];
}

function originOf({ layers }: Report, { layer }: ReportFinding): LayerOrigin {
  return layers[layer]?.origin ?? 'unknown';
}

function blocksOf(
  layers: readonly ReportLayer[],
  findings: readonly ReportFinding[],
  options: GroupsOptions,
): readonly string[] {
  const byLayer = new Map<number, ReportFinding[]>();
  for (const finding of findings) {
    const known = byLayer.get(finding.layer);
    if (known === undefined) byLayer.set(finding.layer, [finding]);
    else known.push(finding);
  }
  const blocks: string[] = [];
  let quiet: ReportLayer[] = [];
  const endQuiet = (): void => {
    const [first] = quiet;
    if (first !== undefined) blocks.push(quietText(quiet, first, options));
    quiet = [];
  };
  for (const layer of layers) {
    const found = byLayer.get(layer.index);
    byLayer.delete(layer.index);
    if (found === undefined) {
      quiet.push(layer);
      continue;
    }
    endQuiet();
    blocks.push(`${layerLine(layer, countText(found, options.paint), options)}\n${findingRows(found, options)}`);
  }
  endQuiet();
  for (const [index, found] of byLayer) {
    blocks.push(`Layer ${index}: ${countText(found, options.paint)}\n${findingRows(found, options)}`);
  }
  return blocks;
}

function quietText(layers: readonly ReportLayer[], first: ReportLayer, options: GroupsOptions): string {
  if (layers.length === 1) return options.paint.faint(layerLine(first, 'no findings', withoutStrong(options)));
  return options.paint.faint(`Layers ${first.index} to ${layers.at(-1)?.index ?? first.index}: no findings`);
}

/** The width of an instruction outside a terminal, in columns. */
const INSTRUCTION_COLUMNS = 160;

/**
 * Returns the two lines of a layer. The first line is like `Layer 2  RUN apt-get install curl`; the second line
 * contains the size and the numbers of packages and findings.
 */
function layerLine(layer: ReportLayer, found: string, { paint, columns }: GroupsOptions): string {
  const title = `Layer ${layer.index}  `;
  const instruction = shortenedColumns(
    instructionText(layer.createdBy),
    Math.max(MIN_INSTRUCTION, (columns ?? INSTRUCTION_COLUMNS) - title.length),
  );
  const facts = [
    ...(layer.size === null ? [] : [sizeText(layer.size)]),
    ...(layer.packagesAdded === 0 ? [] : [`${countOf(layer.packagesAdded, 'package')} added`]),
    ...(layer.packagesRemoved === 0 ? [] : [`${layer.packagesRemoved} removed`]),
  ];
  return `${paint.strong(title.trimEnd())}  ${instruction}\n  ${[...facts, found].join(', ')}`;
}

const MIN_INSTRUCTION = 10;

/** Returns the options without bold text, because bold text would end the faint style of a line. */
function withoutStrong(options: GroupsOptions): GroupsOptions {
  return { ...options, paint: { ...options.paint, strong: (text) => text } };
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Returns a size in units of powers of 1000, as registries show sizes. */
function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const amount = bytes / 1000 ** power;
  return `${power === 0 || amount >= 100 ? amount.toFixed(0) : amount.toFixed(1)} ${UNITS[power]}`;
}
