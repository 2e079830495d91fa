import { parseCvss2, scoreCvss2 } from './cvss-2.ts';
import { parseCvss3, scoreCvss3 } from './cvss-3.ts';
import { parseCvss4, scoreCvss4 } from './cvss-4.ts';
import type { CvssMetrics } from './cvss-metrics.ts';
import type { Severity } from '../severity.ts';

export type CvssVersion = '2.0' | '3.0' | '3.1' | '4.0';

/** A parsed CVSS vector. */
export type Cvss = {
  readonly version: CvssVersion;
  /** The vector from the input, without surrounding blanks and parentheses. */
  readonly vector: string;
  /** The score from 0 to 10: the base score in versions 2 and 3, and the only score in version 4. */
  readonly score: number;
  /** The metric values by short name, such as `N` for `AV`. */
  readonly metrics: CvssMetrics;
};

/**
 * Parses a CVSS vector of any version (https://www.first.org/cvss). Vectors of version 2 have no version prefix, and
 * old feeds enclose them in parentheses.
 *
 * @returns undefined for an invalid vector
 */
export function parseCvss(text: string): Cvss | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const vector = text.trim();
  const prefix = /^CVSS:(\d\.\d)\//.exec(vector);
  const rest = vector.slice(prefix?.[0].length ?? 0);
  const version = prefix?.[1] ?? '2.0';
  switch (version) {
    case '2.0': {
      const plain = rest.replace(/^\((.*)\)$/, '$1');
      return cvssOf(version, prefix === null ? plain : vector, parseCvss2(plain), scoreCvss2);
    }
    case '3.0':
    case '3.1':
      return cvssOf(version, vector, parseCvss3(rest), scoreCvss3);
    case '4.0':
      return cvssOf(version, vector, parseCvss4(rest), scoreCvss4);
    default:
      return undefined;
  }
}

/** Returns the severity of a vector, or undefined for an invalid vector. */
export function severityOfVector(vector: string): Severity | undefined {
  const cvss = parseCvss(vector);
  return cvss && severityOfScore(cvss.score);
}

/**
 * Returns the severity of a score by the rating scale of CVSS v3 and v4 (sections 5 and 6 of their specifications),
 * with Negligible for None. The same scale applies to version 2, which defines no scale. The severity of values outside
 * 0 to 10 is Unknown.
 */
export function severityOfScore(score: number): Severity {
  if (!(score >= 0 && score <= 10)) return 'Unknown';
  if (score >= 9) return 'Critical';
  if (score >= 7) return 'High';
  if (score >= 4) return 'Medium';
  return score > 0 ? 'Low' : 'Negligible';
}

/**
 * The maximum length of a vector. The longest valid vector, with all metrics of version 4, has fewer than 200
 * characters.
 */
const MAX_LENGTH = 300;

function cvssOf(
  version: CvssVersion,
  vector: string,
  metrics: CvssMetrics | undefined,
  score: (metrics: CvssMetrics) => number,
): Cvss | undefined {
  return metrics && { version, vector, score: score(metrics), metrics };
}
