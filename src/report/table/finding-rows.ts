import type { ReportFinding } from '../../model/report/report.ts';
import { severityText } from '../../model/severity.ts';
import { type Cell, columnLines } from './columns.ts';
import type { Paint } from './paint.ts';
import { printable } from '../../model/printable.ts';

export type RowsOptions = {
  readonly paint: Paint;
  /** The width of the terminal in columns; undefined in a pipe, where no cell is wrapped. */
  readonly columns: number | undefined;
  /** Returns the cell in the layer column; without it the table has no such column. */
  readonly layerText?: (finding: ReportFinding) => string;
};

/** Returns a header and a row for each finding. Cells wrap in a narrow terminal. */
export function findingRows(findings: readonly ReportFinding[], options: RowsOptions): string {
  const { paint, columns, layerText } = options;
  const titles = [...TITLES, ...(layerText === undefined ? [] : ['Layer'])];
  const rows = findings.map((finding): readonly Cell[] => {
    const { id, severity, package: name, version } = finding;
    const layer = layerText === undefined ? [] : [layerText(finding)];
    return [id, severityText(finding), riskText(finding), name, version, fix(finding), ...layer].map((text, at) =>
      at === SEVERITY_AT ? { text, paint: (line) => paint.severity(severity, line) } : { text: printable(text) },
    );
  });
  const head = titles.map((text): Cell => ({ text, paint: paint.faint }));
  const available = columns === undefined ? undefined : columns - INDENT.length;
  return columnLines([head, ...rows], MAY_BE_NARROW, available)
    .map((line) => `${INDENT}${line}`)
    .join('\n');
}

const INDENT = '  ';

const TITLES = ['Vulnerability', 'Severity', 'Risk', 'Package', 'Installed', 'Fixed in'] as const;
const SEVERITY_AT = 1;

/** The columns of names and versions may wrap; identifiers must stay searchable. */
const MAY_BE_NARROW = [3, 4, 5] as const;

function riskText({ risk, cves }: ReportFinding): string {
  return `${risk.toFixed(1)}${cves.some(({ kev }) => kev !== undefined) ? ' KEV' : ''}`;
}

function fix({ fixedIn, status }: ReportFinding): string {
  if (fixedIn === null) return `- (${status})`;
  return status === 'fixed' ? fixedIn : `${fixedIn} (${status})`;
}
