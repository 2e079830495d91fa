import type { Look } from '../format.ts';
import type { ReportFinding, ReportPackage } from '../../model/report/report.ts';
import { type Cell, columnLines } from '../table/columns.ts';
import { instructionText } from '../table/instruction.ts';
import { createPaint, type Paint } from '../table/paint.ts';
import { printable } from '../../model/printable.ts';
import { diagnosticWords, INCOMPLETE_WORDS } from '../writing/finding-words.ts';
import { pathWords } from '../writing/library-words.ts';
import type { ComparedImage, ImageDifference } from './image-difference.ts';

/**
 * Returns a difference as text: the diagnostics that make a report incomplete, then the packages, then the findings.
 */
export function differenceText(difference: ImageDifference, { columns, colors = false }: Look = {}): string {
  const { before, after, packages, findings } = difference;
  const paint = createPaint(colors);
  const table = (title: string, rows: readonly (readonly Cell[])[]): string =>
    rows.length === 0
      ? ''
      : [
          paint.strong(`${title}: ${rows.length}`),
          ...columnLines(rows, [1, 2, 3], columns && columns - INDENT.length).map((line) => `${INDENT}${line}`),
        ].join('\n');
  const parts = [
    [
      `Before  ${imageName(before)}`,
      `After   ${imageName(after)}`,
      `Layers  ${difference.sharedLayers} shared, ${before.layers.length - difference.sharedLayers} only before and ${after.layers.length - difference.sharedLayers} only after`,
    ].join('\n'),
    [...diagnosticLines(before, paint), ...diagnosticLines(after, paint)].join('\n'),
    table(
      'Packages added',
      packages.added.map((each) => cells(each.name, each.version, layerText(after, each.layer), ...places(each))),
    ),
    table(
      'Packages removed',
      packages.removed.map((each) => cells(each.name, each.version, layerText(before, each.layer), ...places(each))),
    ),
    table(
      'Packages changed',
      packages.changed.map((each) =>
        cells(
          each.name,
          `${each.before.version} -> ${each.after.version}`,
          layerText(after, each.after.layer),
          ...places(each.after),
        ),
      ),
    ),
    table(
      'Findings added',
      findings.added.map((each) => findingCells(each, paint, CAUSES[each.cause], layerText(after, each.layer))),
    ),
    table(
      'Findings removed',
      findings.removed.map((each) => findingCells(each, paint, CAUSES[each.cause])),
    ),
    table(
      'Findings changed',
      findings.changed.map((each) => findingCells(each.after, paint, changeText(each))),
    ),
    summary(difference),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The indentation of the rows. */
const INDENT = '  ';

/** The texts for the reasons why only one of the two images has a finding. */
export const CAUSES: Readonly<Record<ImageDifference['findings']['added' | 'removed'][number]['cause'], string>> = {
  'package-added': 'package added',
  'package-removed': 'package removed',
  'package-changed': 'package version changed',
  suppressed: 'suppressed',
  'no-longer-suppressed': 'no longer suppressed',
  'other-data': 'different release or product',
};

/** Lists the fields in which a finding differs between the two images, such as `severity Low -> High`. */
export function changeText({ before, after }: ImageDifference['findings']['changed'][number]): string {
  const fields = [
    ['severity', before.severity, after.severity],
    ['status', before.status, after.status],
    ['fixed in', before.fixedIn ?? 'none', after.fixedIn ?? 'none'],
  ] as const;
  return fields
    .filter(([, one, other]) => one !== other)
    .map(([name, one, other]) => `${name} ${one} -> ${other}`)
    .join(', ');
}

/**
 * Returns a line with the counts of a difference. The line never describes two images as equal if a report is
 * incomplete.
 */
export function summary({ before, after, packages, findings }: ImageDifference): string {
  const isIncomplete = [before, after].some(({ diagnostics }) => diagnostics.some(({ incomplete }) => incomplete));
  const hidden = findings.hidden === undefined ? '' : `; ${findings.hidden} not shown`;
  const warning = isIncomplete ? ` ${INCOMPLETE_WORDS}` : '';
  return `Packages: ${counts(packages)}. Findings: ${counts(findings)}, ${findings.unchanged} unchanged${hidden}.${warning}`;
}

function counts({
  added,
  removed,
  changed,
}: Readonly<Record<'added' | 'removed' | 'changed', readonly unknown[]>>): string {
  return `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
}

function imageName({ target }: ComparedImage): string {
  return printable(`${target.reference} (${target.platform}), ${target.digest}`);
}

function diagnosticLines({ target, diagnostics }: ComparedImage, paint: Paint): readonly string[] {
  return diagnostics
    .filter(({ incomplete }) => incomplete)
    .map((each) => `${paint.alarm('WARNING')}  ${printable(`${target.reference}: ${diagnosticWords(each)}`)}`);
}

/** The maximum length of a path in a row, in UTF-16 code units. */
const MAX_PATH = 40;

/** Returns the cell with the paths of a library; no cell for other packages. */
function places({ paths }: Pick<ReportPackage, 'paths'>): readonly string[] {
  return paths.length === 0 ? [] : [pathWords(paths, MAX_PATH)];
}

/** The maximum length of an instruction in a row, in UTF-16 code units. */
const MAX_INSTRUCTION = 80;

function layerText({ layers }: ComparedImage, index: number): string {
  const instruction = instructionText(layers[index]?.createdBy ?? '');
  return `layer ${index}: ${instruction.length > MAX_INSTRUCTION ? `${instruction.slice(0, MAX_INSTRUCTION)}…` : instruction}`;
}

function cells(...texts: readonly string[]): readonly Cell[] {
  return texts.map((text) => ({ text: printable(text) }));
}

function findingCells(finding: ReportFinding, paint: Paint, ...more: readonly string[]): readonly Cell[] {
  const { id, severity, package: name, version } = finding;
  const colored: Cell = { text: severity, paint: (line) => paint.severity(severity, line) };
  return [...cells(id), ...cells(`${name} ${version}`), ...cells(...more), colored];
}
