import { isExploited } from '../../model/report/exploited-finding.ts';
import type { Reachability } from '../../model/reachability.ts';
import type { ReachabilityBasis } from '../../model/report/finding-reachability.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { severityText } from '../../model/severity.ts';
import { type Cell, columnLines, GAP, naturalWidths } from './columns.ts';
import type { Paint } from './paint.ts';
import { printable } from '../../model/printable.ts';
import { titleOf } from '../../model/report/description-title.ts';
import { groupedBy } from '../writing/grouped.ts';
import { packageWords, pathWords } from '../writing/library-words.ts';
import { shortenedColumns } from './shortened.ts';

export type RowsOptions = {
  readonly paint: Paint;
  /** The width of the terminal in columns; undefined if the output is not a terminal, so that no cell wraps. */
  readonly columns: number | undefined;
  /** Whether each finding has its own row. */
  readonly isExpanded: boolean;
  /** Returns the cell of a finding in the layer column; if absent, the table has no such column. */
  readonly layerText?: (finding: ReportFinding) => string;
};

/**
 * Returns a header and the rows of the findings. Unless `isExpanded`, findings of the same vulnerability and source
 * package share a row; a finding with paths always has its own row. A row includes the paths and, if the line has room,
 * the title of the vulnerability. Cells wrap in a narrow terminal; paths and titles are shortened to fit the line.
 */
export function findingRows(all: readonly ReportFinding[], options: RowsOptions): string {
  const { paint, columns, layerText, isExpanded } = options;
  const isJudged = all.some(({ reachability }) => reachability !== null);
  const titles = [...TITLES, ...(isJudged ? ['In binary'] : []), ...(layerText === undefined ? [] : ['Layer'])];
  const cellsOf = (finding: ReportFinding, packages: string): readonly string[] => [
    finding.id,
    severityText(finding),
    riskText(finding),
    packages,
    finding.version,
    fix(finding),
    ...(isJudged ? [codeText(finding)] : []),
    ...(layerText === undefined ? [] : [layerText(finding)]),
  ];
  // Findings of the same source package share a row if their other cells are equal.
  const groups = groupedBy(all.entries(), ([at, finding]) =>
    isExpanded || finding.paths.length > 0 ? String(at) : JSON.stringify(cellsOf(finding, finding.source.name)),
  );
  const rowFindings = [...groups.values()].map((group) => group.map(([, finding]) => finding));
  const findings = rowFindings.flatMap((group) => group.slice(0, 1));
  const rows = findings.map((finding, row): readonly Cell[] =>
    cellsOf(finding, packagesText(rowFindings[row] ?? [])).map((text, at) =>
      at === SEVERITY_AT
        ? { text, paint: (line) => paint.severity(finding.severity, line) }
        : { text: printable(text) },
    ),
  );
  const head = titles.map((text): Cell => ({ text, paint: paint.faint }));
  const available = columns === undefined ? undefined : columns - INDENT.length;
  const lines = withTitles(withPaths([head, ...rows], findings, options), findings, options);
  return columnLines(lines, MAY_BE_NARROW, available)
    .map((line) => `${INDENT}${line}`)
    .join('\n');
}

/** Adds a column of paths if a finding has a path. The other columns determine the width of this column. */
function withPaths(
  lines: readonly (readonly Cell[])[],
  findings: readonly ReportFinding[],
  { paint, columns = COLUMNS }: RowsOptions,
): readonly (readonly Cell[])[] {
  if (findings.every(({ paths }) => paths.length === 0)) return lines;
  const used = naturalWidths(lines).reduce((sum, width) => sum + width + GAP.length, INDENT.length);
  const room = Math.max(MIN_PATH, columns - used);
  return lines.map((line, at): readonly Cell[] => {
    const paths = findings[at - 1]?.paths;
    return [...line, paths === undefined ? { text: 'Path', paint: paint.faint } : { text: pathText(paths, room) }];
  });
}

/** Adds a column of titles if a finding has a title and the other columns leave room. */
function withTitles(
  lines: readonly (readonly Cell[])[],
  findings: readonly ReportFinding[],
  { paint, columns = COLUMNS }: RowsOptions,
): readonly (readonly Cell[])[] {
  const titles = findings.map(({ description }) => printable(titleOf(description)));
  const room = columns - naturalWidths(lines).reduce((sum, width) => sum + width + GAP.length, INDENT.length);
  if (room < MIN_TITLE || titles.every((title) => title === '')) return lines;
  return lines.map((line, at): readonly Cell[] => {
    const title = titles[at - 1];
    return [
      ...line,
      title === undefined ? { text: 'Title', paint: paint.faint } : { text: shortenedColumns(title, room) },
    ];
  });
}

/** The minimum width of a title, in columns. */
const MIN_TITLE = 20;

/** Returns the names of the packages of a row. */
function packagesText(findings: readonly ReportFinding[]): string {
  const names = [...new Set(findings.map(packageWords))];
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The maximum number of packages that a row names. */
const MAX_NAMED = 4;

function pathText(paths: readonly string[], room: number): string {
  return pathWords(paths.map(printable), room);
}

const INDENT = '  ';

/**
 * The width of a line outside a terminal and the minimum width of a path, in columns. Paths are shortened to fit the
 * line.
 */
const COLUMNS = 120;
const MIN_PATH = 24;

const TITLES = ['Vulnerability', 'Severity', 'Risk', 'Package', 'Installed', 'Fixed in'] as const;
const SEVERITY_AT = 1;

/**
 * The columns with names and versions, which wrap first. Identifiers wrap only if this is not enough, so that readers
 * can search for an identifier.
 */
const MAY_BE_NARROW = [3, 4, 5] as const;

/** Returns a text that states which vulnerable code the Go programs contain; empty for findings of other ecosystems. */
function codeText({ reachability, reachabilityBasis }: ReportFinding): string {
  if (reachability === null) return '';
  return reachability === 'linked' && reachabilityBasis !== null ? LINKED[reachabilityBasis] : CODE_TEXTS[reachability];
}

const LINKED: Readonly<Record<ReachabilityBasis, string>> = {
  symbol: 'function',
  package: 'package',
  module: 'module',
};

const CODE_TEXTS: Readonly<Record<Reachability, string>> = {
  linked: 'yes',
  'package-linked': 'no (package only)',
  'not-linked': 'no',
  unknown: 'unknown',
};

function riskText(finding: ReportFinding): string {
  return `${finding.risk.toFixed(1)}${isExploited(finding) ? ' KEV' : ''}`;
}

function fix({ fixedIn, status, class: of }: ReportFinding): string {
  if (of === 'malicious') return 'remove';
  if (fixedIn === null) return `- (${status})`;
  return status === 'fixed' ? fixedIn : `${fixedIn} (${status})`;
}
