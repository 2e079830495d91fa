import type { Enrichments } from '../../model/enrichment.ts';
import { findingClassOf } from '../../ecosystems/index.ts';
import { candidatesOf, sourceOf } from '../../model/feature.ts';
import { cvesOf, type Match } from '../../model/report/match.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { isMalicious } from '../../model/report/finding-class.ts';
import type { FindingReachability } from '../../model/report/finding-reachability.ts';
import { riskOf } from '../../model/report/risk.ts';
import { textOrder } from '../../model/text-order.ts';
import type { MatchedPaths } from './ownership/matched-paths.ts';
import type { MergedMatch } from '../merging/merged-matches.ts';
import { oncePer } from './once-per.ts';

/**
 * Creates the function that converts the matches of a report to findings. Findings of the same vulnerability share
 * objects, because an image can have hundreds of thousands of findings.
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
  const factsOf = oncePer((vulnerability: MergedMatch['vulnerability']) => {
    const { otherNames = NO_NAMES, link, links = link === '' ? [] : [link] } = vulnerability;
    const cves = cvesOf(vulnerability).map((id) => ({ id, ...enrichments.get(id) }));
    const isAttack = isMalicious([vulnerability.name, ...otherNames]);
    return {
      aliases: otherNames,
      links,
      cves,
      isAttack,
      risk: oncePer((severity: Match['severity']) => riskOf(severity, cves)),
    };
  });
  const purl = oncePer(purlOf);

  return (merged) => {
    const { vulnerability, feature: of, namespace, severity, severityFrom, status, fixed, originDepth } = merged;
    const { aliases, links, cves, isAttack, risk } = factsOf(vulnerability);
    return {
      id: vulnerability.name,
      aliases,
      cves,
      namespace,
      severity,
      severityFrom,
      status,
      risk: risk(severity),
      class: isAttack ? 'malicious' : findingClassOf(of),
      type: of.type,
      package: of.name,
      version: of.version,
      purl: purl(of),
      candidates: matchedCandidates(merged),
      paths: pathsOf(of, namespace),
      source: sourceOf(of),
      fixedIn: fixed,
      layer: originDepth,
      link: vulnerability.link,
      links,
      description: vulnerability.description,
      ...reachabilityOf(merged),
    };
  };
}

const NO_NAMES: readonly string[] = [];

/** Returns the candidates that occur in the advisories of a match. */
function matchedCandidates(match: MergedMatch): readonly string[] {
  if (candidatesOf(match.feature).length === 0) return NO_NAMES;
  const { members = [match] } = match;
  return [...new Set(members.map(({ range }) => range.name))].toSorted(textOrder);
}
