import type { Enrichments } from '../model/enrichment.ts';
import { findingClassOf } from '../model/finding-class.ts';
import { cvesOf, type Match } from '../model/match.ts';
import type { ReportVulnerability } from '../model/report.ts';
import { riskOf } from '../model/risk.ts';

/**
 * Makes the finding of a report of a match.
 *
 * @param enrichments what is known of CVEs, by their identifiers
 * @param purl the package URL of its package
 */
export function reportFinding(
  { vulnerability, package: of, severity, ...match }: Match,
  enrichments: ReadonlyMap<string, Enrichments>,
  purl: string,
): ReportVulnerability {
  const cves = cvesOf(vulnerability).map((id) => ({ id, ...enrichments.get(id) }));
  return {
    id: vulnerability.name,
    cves,
    namespace: match.namespace,
    severity,
    severityFrom: match.severityFrom,
    status: match.status,
    risk: riskOf(severity, cves),
    class: findingClassOf(of),
    package: of.name,
    version: of.version,
    purl,
    source: of.source,
    fixedIn: match.fixed,
    layer: match.originDepth,
    link: vulnerability.link,
    description: vulnerability.description,
  };
}
