import { expect, it } from 'vitest';
import { findingOf, SUPPRESSION, reportOf } from '../../report/testing/report-builder.ts';
import { type FindingOrder, sortedReport } from './finding-order.ts';
import type { ReportFinding } from './report.ts';

const FINDINGS: readonly ReportFinding[] = [
  findingOf({ id: 'CVE-4', severity: 'Low', risk: 70, layer: 1 }),
  findingOf({ id: 'CVE-3', severity: 'High', risk: 40, layer: 1 }),
  findingOf({ id: 'CVE-2', severity: 'High', risk: 40, layer: 0, package: 'zlib' }),
  findingOf({ id: 'CVE-1', severity: 'High', risk: 40, layer: 0, package: 'curl' }),
  findingOf({ id: 'CVE-0', severity: 'High', risk: 60, layer: 0, package: 'zlib' }),
];

it.each<[FindingOrder, string]>([
  ['layer', '01234'],
  ['risk', '40132'],
  ['severity', '01324'],
])('findings and suppressed findings are sorted by %s', (order, expected) => {
  const suppressed = FINDINGS.map((finding) => ({ ...finding, suppression: SUPPRESSION }));
  const sorted = sortedReport(reportOf({ findings: FINDINGS, suppressed }), order);
  for (const list of [sorted.findings, sorted.suppressed]) {
    expect(list.map(({ id }) => id.at(-1)).join('')).toBe(expected);
  }
});
