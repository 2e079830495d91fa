import type { Enrichments } from '../../model/enrichment.ts';
import { findingClassOf } from '../../ecosystems/index.ts';
import { candidatesOf, sourceOf } from '../../model/feature.ts';
import { cvesOf, type Match } from '../../model/report/match.ts';
import type { ReportCve, ReportFinding } from '../../model/report/report.ts';
import { isMalicious } from '../../model/report/finding-class.ts';
import type { FindingReachability } from '../../model/report/finding-reachability.ts';
import { riskOf } from '../../model/report/risk.ts';
import { textOrder } from '../../model/text-order.ts';
import type { MatchedPaths } from './ownership/matched-paths.ts';
import type { MergedMatch } from '../merging/merged-matches.ts';
import { oncePer, oncePerRun } from './once-per.ts';

/**
 * Creates the function that converts the matches of a report to findings. Neighbouring findings of a vulnerability
 * share objects, because an image can have hundreds of thousands of findings.
 *
 * @param enrichments the enrichments of CVEs, by identifier
 * @param purlOf returns the package URL of a package
 * @param pathsOf returns the paths at which a package was matched
 * @param reachabilityOf returns the reachability of the vulnerable code for a match
 */
export function createFindings(
  enrichments: ReadonlyMap<string, Enrichments>,
  purlOf: (of: Match['feature']) => string,
  pathsOf: MatchedPaths,
  reachabilityOf: (match: MergedMatch) => FindingReachability,
): (match: MergedMatch) => ReportFinding {
  const factsOf = oncePerRun((vulnerability: MergedMatch['vulnerability']): VulnerabilityFacts => {
    const { name, otherNames = NO_NAMES, link, links = link === '' ? [] : [link] } = vulnerability;
    const cves = cvesOf(vulnerability).map((id) => reportCve(id, enrichments.get(id)));
    const isAttack = isMalicious([name]) || isMalicious(otherNames);
    return { aliases: otherNames, links, cves, isAttack, severity: undefined, risk: 0 };
  });
  const packageOf = oncePer((of: Match['feature']) => ({
    class: findingClassOf(of),
    purl: purlOf(of),
    source: sourceOf(of),
  }));

  return (merged) => {
    const { vulnerability, feature: of, namespace, severity, severityFrom, status, fixed, originDepth } = merged;
    const facts = factsOf(vulnerability);
    const inPackage = packageOf(of);
    const { reachability, reachabilityBasis, reachabilityReason } = reachabilityOf(merged);
    // A spread would copy field by field and take as long as the rest of the finding.
    return {
      id: vulnerability.name,
      aliases: facts.aliases,
      cves: facts.cves,
      namespace,
      severity,
      severityFrom,
      status,
      risk: riskWith(facts, severity),
      class: facts.isAttack ? 'malicious' : inPackage.class,
      type: of.type,
      package: of.name,
      version: of.version,
      purl: inPackage.purl,
      candidates: matchedCandidates(merged),
      paths: pathsOf(of, namespace),
      source: inPackage.source,
      fixedIn: fixed,
      layer: originDepth,
      link: vulnerability.link,
      links: facts.links,
      description: vulnerability.description,
      reachability,
      reachabilityBasis,
      reachabilityReason,
    };
  };
}

/** The data that all findings of a vulnerability share. */
type VulnerabilityFacts = Pick<ReportFinding, 'aliases' | 'links' | 'cves'> & {
  readonly isAttack: boolean;
  /** The severity of the last finding; the findings of a vulnerability usually have the same severity. */
  severity: Match['severity'] | undefined;
  /** The risk with `severity`. */
  risk: number;
};

function riskWith(facts: VulnerabilityFacts, severity: Match['severity']): number {
  if (facts.severity !== severity) {
    facts.risk = riskOf(severity, facts.cves);
    facts.severity = severity;
  }
  return facts.risk;
}

/** Creates the usual object without a spread, which takes several times as long. */
function reportCve(id: string, of: Enrichments | undefined): ReportCve {
  if (of === undefined) return { id };
  const { cvss, epss, kev } = of;
  return cvss !== undefined && epss !== undefined && kev === undefined ? { id, cvss, epss } : { id, ...of };
}

const NO_NAMES: readonly string[] = [];

/** Returns the candidates that occur in the advisories of a match. */
function matchedCandidates(match: MergedMatch): readonly string[] {
  if (candidatesOf(match.feature).length === 0) return NO_NAMES;
  const { members = [match] } = match;
  return [...new Set(members.map(({ range }) => range.name))].toSorted(textOrder);
}
