import type { ReportFinding } from '../../model/report/report.ts';
import { severityText } from '../../model/severity.ts';
import { type Cell, columnLines } from './columns.ts';
import type { Paint } from './paint.ts';
import { printable } from '../../model/printable.ts';

export type RowsOptions = {
  readonly paint: Paint;
  /** How many columns of a terminal there are; in a pipe none are counted, and no cell is broken. */
  readonly columns: number | undefined;
  /** What stands in the column of layers; there is none without. */
  readonly layerText?: (finding: ReportFinding) => string;
};

/** One row for each finding below a head. In a terminal that is too narrow for them cells are broken. */
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

/** Names and versions; identifiers are searched for. */
const MAY_BE_NARROW = [3, 4, 5] as const;

function riskText({ risk, cves }: ReportFinding): string {
  return `${risk.toFixed(1)}${cves.some(({ kev }) => kev !== undefined) ? ' KEV' : ''}`;
}

function fix({ fixedIn, status }: ReportFinding): string {
  if (fixedIn === null) return `- (${status})`;
  return status === 'fixed' ? fixedIn : `${fixedIn} (${status})`;
}
