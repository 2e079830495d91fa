import { severityOfScore } from '../../../model/cvss/cvss.ts';
import { type Severity, type SeverityOrigin, severityRank } from '../../../model/severity.ts';
import type { CsafDocument, CsafScore, CsafVulnerability } from '../../../model/advisories/csaf.ts';

/** A severity, and whose word it is; the source's own when that is absent. */
export type RatedSeverity = { readonly severity: Severity; readonly severityFrom?: SeverityOrigin };

/**
 * Reads how severe a vulnerability is for a product: Red Hat's word for that product, for the vulnerability, for the
 * document (https://access.redhat.com/security/updates/classification), and without any of them what the CVSS score says.
 *
 * @param strange is told of each word that is not known
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

/** Of two severities the worse one, and where they are equal the source's own. */
export function worseOf(a: RatedSeverity, b: RatedSeverity): RatedSeverity {
  const difference = severityRank(a.severity) - severityRank(b.severity);
  if (difference !== 0) return difference > 0 ? a : b;
  return a.severityFrom === undefined ? a : b;
}

/** The words of Red Hat and those of CVSS. */
const SEVERITY_OF_WORD: ReadonlyMap<string, Severity> = new Map([
  ['none', 'Negligible'],
  ['low', 'Low'],
  ['moderate', 'Medium'],
  ['medium', 'Medium'],
  ['important', 'High'],
  ['high', 'High'],
  ['critical', 'Critical'],
]);

/** The word of the score where it has one (that of CVSS 2 has none), else what its number stands for. */
function severityOfCvss(cvss: CsafScore | undefined): Severity | undefined {
  const severity = SEVERITY_OF_WORD.get((cvss?.severity ?? '').toLowerCase());
  if (severity !== undefined || cvss?.score === undefined) return severity;
  return severityOfScore(cvss.score);
}
