import { severityOfScore } from '../../model/cvss/cvss.ts';
import type { CvssScore } from '../../model/enrichment.ts';
import type { ReportFinding } from '../../model/report/report.ts';

/**
 * Maps each media type to a list with a single object. The keys of the object are vulnerability IDs, and the values are
 * lists of enrichments.
 */
export type EnrichmentsBody = Readonly<Record<string, readonly [Readonly<Record<string, readonly object[]>>]>>;

/** The media types of the Clair v4.9 enrichers. */
const CVSS_TYPE =
  'message/vnd.clair.map.vulnerability; enricher=clair.cvss schema=https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema';
const EPSS_TYPE = 'message/vnd.clair.map.vulnerability; enricher=clair.epss schema=none';
const KEV_TYPE = 'message/vnd.clair.map.vulnerability; enricher=clair.kev schema=none';

type Findings = ReadonlyMap<string, Pick<ReportFinding, 'cves'>>;

/**
 * Returns the CVSS scores of findings, by vulnerability ID. Quay reads the first value of the first key as CVSS scores.
 * Quay fails on an empty list and on an object without a score. Therefore, the result has at most one key, and every
 * object has a score.
 */
export function cvssEnrichment(findings: Findings): EnrichmentsBody {
  return enrichment(CVSS_TYPE, findings, ({ cves }) =>
    bestScores(cves.flatMap(({ cvss = [] }) => cvss)).map(cvssRecord),
  );
}

/** Returns the CVSS scores, then EPSS and KEV. The CVSS scores come first, because Quay reads only the first key. */
export function everyEnrichment(findings: Findings): EnrichmentsBody {
  return {
    ...cvssEnrichment(findings),
    ...enrichment(EPSS_TYPE, findings, ({ cves }) =>
      cves.flatMap(({ id, epss }) =>
        epss === undefined
          ? []
          : [{ cve: id, epss: epss.score, percentile: epss.percentile ?? null, date: epss.date ?? '' }],
      ),
    ),
    ...enrichment(KEV_TYPE, findings, ({ cves }) =>
      cves.flatMap(({ id, kev }) => (kev === undefined ? [] : [{ cve: id, ...kev }])),
    ),
  };
}

function enrichment(
  type: string,
  findings: Findings,
  recordsOf: (finding: Pick<ReportFinding, 'cves'>) => readonly object[],
): EnrichmentsBody {
  const records = [...findings].map(([id, finding]) => [id, recordsOf(finding)] as const);
  const present = records.filter(([, each]) => each.length > 0);
  return present.length === 0 ? {} : { [type]: [Object.fromEntries(present)] };
}

/**
 * Returns the scores of CVSS version 3 or, without such scores, all scores, because other versions use different
 * scales.
 */
function bestScores(scores: readonly CvssScore[]): readonly CvssScore[] {
  const third = scores.filter(({ version }) => version.startsWith('3'));
  return third.length > 0 ? third : scores;
}

/** Converts a score to the NVD format (`cvssData`). */
function cvssRecord({ version, vector, score, source, type }: CvssScore): object {
  return { version, vectorString: vector, baseScore: score, baseSeverity: ratingOf(score), source, type };
}

/** Returns the qualitative rating (CVSS v3.1 specification, section 5). */
function ratingOf(score: number): string {
  const severity = severityOfScore(score);
  return severity === 'Negligible' ? 'NONE' : severity.toUpperCase();
}
