import { sortedFindings } from '../../model/report/finding-order.ts';
import type { LayerOrigin, Report, ReportLayer, ReportFinding } from '../../model/report/report.ts';
import { countOf, severityWords } from '../writing/finding-words.ts';
import { findingRows, type RowsOptions } from './finding-rows.ts';
import { instructionText } from './instruction.ts';
import type { Paint } from './paint.ts';
import { shortenedColumns } from './shortened.ts';

export type GroupsOptions = Omit<RowsOptions, 'layerText'>;

/**
 * The findings by layer: first what came with the base image, then what the image's own instructions brought, each layer with
 * its instruction, and below it its findings. Layers next to each other that brought none share a line.
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

/** Returns `3 findings (1 high, 2 low)`, or that there are none. */
export function countText(findings: readonly ReportFinding[], paint: Paint): string {
  if (findings.length === 0) return 'nothing found';
  return `${countOf(findings.length, 'finding')} (${severityWords(findings, paint.severity)})`;
}

const TITLES: Readonly<Record<LayerOrigin, (isAlone: boolean) => string>> = {
  base: () => 'From the base image',
  own: () => 'From your own instructions',
  unknown: (isAlone) =>
    isAlone
      ? 'From the layers of the image (which came with a base image is not known; --base tells it)'
      : 'From layers that are your own, or of a base image that is not known (--base tells it)',
};

/** In the order of the layers; findings of layers that the report does not list are of unknown ones. */
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
  if (layers.length === 1) return options.paint.faint(layerLine(first, 'nothing found', withoutStrong(options)));
  return options.paint.faint(`Layers ${first.index} to ${layers.at(-1)?.index ?? first.index}: nothing found`);
}

/** How much of an instruction is shown where there is no terminal to fit. */
const INSTRUCTION_COLUMNS = 160;

/** `Layer 2  RUN apt-get install curl` and below it what it added and what was found. */
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

/** A line that is faint as a whole: what is strong in it would end that. */
function withoutStrong(options: GroupsOptions): GroupsOptions {
  return { ...options, paint: { ...options.paint, strong: (text) => text } };
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** In powers of 1000, as registries and disks count. */
function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const amount = bytes / 1000 ** power;
  return `${power === 0 || amount >= 100 ? amount.toFixed(0) : amount.toFixed(1)} ${UNITS[power]}`;
}
