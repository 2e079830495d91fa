import type { Report, ReportFinding } from '../../../src/model/report/report.ts';
import type { GraphFinding, GraphLayer } from '../api-shapes.ts';

/**
 * Returns the layers of a report, which are shown if the graph cannot be loaded. The final packages and findings are
 * assigned to the layers that added them. Packages that a later layer removed are missing.
 */
export function reportedLayers({ layers, packages, findings, suppressed }: Report): readonly GraphLayer[] {
  return layers.map(({ index, createdBy, origin, size }) => ({
    index,
    createdBy,
    origin,
    size,
    added: packages.filter(({ layer }) => layer === index),
    removed: [],
    brings: [
      ...findings.filter(({ layer }) => layer === index).map((finding) => findingOf(finding, false)),
      ...suppressed.filter(({ layer }) => layer === index).map((finding) => findingOf(finding, true)),
    ],
    repairs: [],
  }));
}

function findingOf(finding: ReportFinding, isSuppressed: boolean): GraphFinding {
  const { id, severity, status, version, fixedIn } = finding;
  return { id, severity, status, package: finding.package, version, fixedIn, isSuppressed };
}
