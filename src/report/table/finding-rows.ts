import { isExploited } from '../../model/report/exploited-finding.ts';
import type { Reachability } from '../../model/reachability.ts';
import type { ReachabilityBasis } from '../../model/report/finding-reachability.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { severityText } from '../../model/severity.ts';
import { type Cell, columnLines, GAP, naturalWidths } from './columns.ts';
import type { Paint } from './paint.ts';
import { printable } from '../../model/printable.ts';
import { packageWords, pathWords } from '../writing/library-words.ts';

export type RowsOptions = {
  readonly paint: Paint;
  /** The width of the terminal in columns; undefined in a pipe, where no cell is wrapped. */
  readonly columns: number | undefined;
  /** Returns the cell in the layer column; if absent, the table has no such column. */
  readonly layerText?: (finding: ReportFinding) => string;
};

/**
 * Returns a header and a row for each finding, with the path of a finding in a library. Cells wrap in a narrow
 * terminal; paths are shortened to fit the line.
 */
export function findingRows(findings: readonly ReportFinding[], options: RowsOptions): string {
  const { paint, columns, layerText } = options;
  const isJudged = findings.some(({ reachability }) => reachability !== null);
  const titles = [...TITLES, ...(isJudged ? ['In binary'] : []), ...(layerText === undefined ? [] : ['Layer'])];
  const rows = findings.map((finding): readonly Cell[] => {
    const { id, severity, version } = finding;
    const layer = layerText === undefined ? [] : [layerText(finding)];
    const code = isJudged ? [codeText(finding)] : [];
    return [
      id,
      severityText(finding),
      riskText(finding),
      packageWords(finding),
      version,
      fix(finding),
      ...code,
      ...layer,
    ].map((text, at) =>
      at === SEVERITY_AT ? { text, paint: (line) => paint.severity(severity, line) } : { text: printable(text) },
    );
  });
  const head = titles.map((text): Cell => ({ text, paint: paint.faint }));
  const available = columns === undefined ? undefined : columns - INDENT.length;
  return columnLines(withPaths([head, ...rows], findings, options), MAY_BE_NARROW, available)
    .map((line) => `${INDENT}${line}`)
    .join('\n');
}

/** Adds a column of paths, as wide as the other columns permit, unless no finding has a path. */
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

function pathText(paths: readonly string[], room: number): string {
  return pathWords(paths.map(printable), room);
}

const INDENT = '  ';

/** The line width to which paths are shortened outside a terminal, and the minimum width of a path, in columns. */
const COLUMNS = 120;
const MIN_PATH = 24;

const TITLES = ['Vulnerability', 'Severity', 'Risk', 'Package', 'Installed', 'Fixed in'] as const;
const SEVERITY_AT = 1;

/** The columns of names and versions may wrap; identifiers must stay searchable. */
const MAY_BE_NARROW = [3, 4, 5] as const;

/** Returns the vulnerable code that the programs contain; empty for findings of other ecosystems. */
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
