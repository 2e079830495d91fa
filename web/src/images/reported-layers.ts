import type { Report, ReportFinding } from '../../../src/model/report/report.ts';
import type { GraphFinding, GraphLayer } from '../api-shapes.ts';

/**
 * The layers as the report alone tells them, where the graph is not to be had: what is there at the top, by the layer that
 * brought it. What came and went in between is not in it.
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
