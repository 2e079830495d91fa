import Table from 'cli-table3';
import type { Report, ReportVulnerability } from '../model/report.ts';
import { SEVERITIES } from '../model/severity.ts';
import type { Format } from './format.ts';

/** The report for people: problems first, then one line for each vulnerable package. Between reports is a blank line. */
export const table: Format = {
  id: 'table',
  mediaType: 'text/plain',
  render,
  renderAll: (reports) => reports.map(render).join('\n'),
};

function render(report: Report): string {
  const sections = [heading(report), problemLines(report), vulnerabilityTable(report), summary(report)];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function heading({ target, distribution, layers, packages, sources }: Report): string {
  const data = sources
    .filter(({ coversRelease }) => coversRelease)
    .map(
      ({ name, updatedAt, vulnerabilities }) => `${name} (${vulnerabilities} vulnerabilities, updated ${updatedAt})`,
    );
  return [
    `Image         ${printable(target.reference)} (${printable(target.platform)})`,
    `Digest        ${target.digest}`,
    `Distribution  ${distribution === null ? 'unknown' : `${printable(distribution.prettyName)} [${distribution.namespace}]`}`,
    `Layers        ${layers.length}, with ${packages.length} packages at the top`,
    `Data          ${data.length === 0 ? 'none for this release: run `clair update` first' : data.join(', ')}`,
  ].join('\n');
}

function problemLines({ problems }: Report): string {
  return problems
    .map(({ code, message, where, incomplete }) =>
      printable(`${incomplete ? 'PROBLEM' : 'Note'}  ${code}: ${message} (${where})`),
    )
    .join('\n');
}

function vulnerabilityTable({ vulnerabilities }: Report): string {
  if (vulnerabilities.length === 0) return '';
  const rows = new Table({
    head: ['Vulnerability', 'Severity', 'Package', 'Installed', 'Fixed in', 'Layer'],
    style: { head: [], border: [], compact: true },
  });
  for (const each of vulnerabilities) {
    rows.push([each.id, each.severity, each.package, each.version, fix(each), String(each.layer)].map(printable));
  }
  return rows.toString();
}

function fix({ fixedIn, status }: ReportVulnerability): string {
  return fixedIn ?? `- (${status})`;
}

function summary({ vulnerabilities, problems }: Report): string {
  const counts = SEVERITIES.toReversed()
    .map((severity) => ({ severity, count: vulnerabilities.filter((each) => each.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`);
  const found =
    vulnerabilities.length === 0
      ? 'No known vulnerability was found'
      : `${vulnerabilities.length} vulnerable packages: ${counts.join(', ')}`;
  const incomplete = problems.some((problem) => problem.incomplete);
  return incomplete ? `${found}; THE ANSWER IS INCOMPLETE, see the problems above.` : `${found}.`;
}

/** Names and versions come from hostile images: nothing of them may move the cursor or ring the bell. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
}
