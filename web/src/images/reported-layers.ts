import type { Report, ReportFinding } from '../../../src/model/report/report.ts';
import type { GraphFinding, GraphLayer } from '../api-shapes.ts';

/**
 * Returns the layers from the report alone, for when the graph could not be loaded: the final packages and findings, by
 * the layer that added them. Packages that a later layer removed are missing.
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
