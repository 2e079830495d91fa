import { severityOfScore } from '../../../model/cvss/cvss.ts';
import { type Severity, type SeverityOrigin, severityRank } from '../../../model/severity.ts';
import type { CsafDocument, CsafScore, CsafVulnerability } from '../../../model/advisories/csaf.ts';

/** A severity; `severityFrom` is absent for the feed's own rating. */
export type RatedSeverity = { readonly severity: Severity; readonly severityFrom?: SeverityOrigin };

/**
 * Returns the severity of a vulnerability for a product. Uses Red Hat's rating of the product, the vulnerability or the
 * document (https://access.redhat.com/security/updates/classification), otherwise the CVSS score.
 *
 * @param strange receives each unknown severity word
 */
export function ratingOf(
  product: string,
  vulnerability: CsafVulnerability,
  document: Pick<CsafDocument, 'severity'>,
  strange: (word: string) => void,
): RatedSeverity {
  for (const word of [vulnerability.impacts.get(product), vulnerability.impact, document.severity]) {
    if (word === undefined || word === '') continue;
    const severity = SEVERITY_OF_WORD.get(word.toLowerCase());
    if (severity !== undefined) return { severity };
    strange(word);
  }
  const severity = severityOfCvss(vulnerability.scores.get(product));
  return severity === undefined ? { severity: 'Unknown' } : { severity, severityFrom: 'cvss' };
}

/** Returns the worse of two severities; of equal severities, returns the feed's own rating. */
export function worseOf(a: RatedSeverity, b: RatedSeverity): RatedSeverity {
  const difference = severityRank(a.severity) - severityRank(b.severity);
  if (difference !== 0) return difference > 0 ? a : b;
  return a.severityFrom === undefined ? a : b;
}

/** The severity words that Red Hat and CVSS use. */
const SEVERITY_OF_WORD: ReadonlyMap<string, Severity> = new Map([
  ['none', 'Negligible'],
  ['low', 'Low'],
  ['moderate', 'Medium'],
  ['medium', 'Medium'],
  ['important', 'High'],
  ['high', 'High'],
  ['critical', 'Critical'],
]);

/**
 * Returns the severity of a CVSS score. Computes a missing severity from the score, because CVSS 2 defines no
 * severities.
 */
function severityOfCvss(cvss: CsafScore | undefined): Severity | undefined {
  const severity = SEVERITY_OF_WORD.get((cvss?.severity ?? '').toLowerCase());
  if (severity !== undefined || cvss?.score === undefined) return severity;
  return severityOfScore(cvss.score);
}
