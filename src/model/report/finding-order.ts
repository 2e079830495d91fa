import type { Report, ReportFinding } from './report.ts';
import { severityRank } from '../severity.ts';
import { textOrder } from '../text-order.ts';

export const FINDING_ORDERS = ['layer', 'risk', 'severity'] as const;

export type FindingOrder = (typeof FINDING_ORDERS)[number];

/** Sorts the findings and the suppressed findings of a report with {@link sortedFindings}. */
export function sortedReport(report: Report, order: FindingOrder): Report {
  const { findings, suppressed } = report;
  return {
    ...report,
    findings: sortedFindings(findings, order),
    suppressed: sortedFindings(suppressed, order),
  };
}

/**
 * Sorts findings by layer, risk or severity. With `layer`, the base layer comes first, and within a layer, the most
 * severe findings come first. With `risk` and `severity`, the highest value comes first. Ties are sorted by severity or
 * risk, and then by package and identifier.
 */
export function sortedFindings<Finding extends ReportFinding>(
  findings: readonly Finding[],
  order: FindingOrder,
): readonly Finding[] {
  return findings.toSorted(
    (one, other) => COMPARISONS[order].map((by) => by(one, other)).find((difference) => difference !== 0) ?? 0,
  );
}

type Comparison = (one: ReportFinding, other: ReportFinding) => number;

const byLayer: Comparison = (one, other) => one.layer - other.layer;
const bySeverity: Comparison = (one, other) => severityRank(other.severity) - severityRank(one.severity);
const byRisk: Comparison = (one, other) => other.risk - one.risk;
const byName: Comparison = (one, other) => textOrder(one.package, other.package) || textOrder(one.id, other.id);

const COMPARISONS: Readonly<Record<FindingOrder, readonly Comparison[]>> = {
  layer: [byLayer, bySeverity, byRisk, byName],
  risk: [byRisk, bySeverity, byName],
  severity: [bySeverity, byRisk, byName],
};
