import { type CvssGrammar, type CvssMetrics, parseCvssMetrics } from './cvss-metrics.ts';

/**
 * Parses a CVSS v2.0 vector (https://www.first.org/cvss/v2/guide section 2.4). Returns undefined for an invalid vector.
 */
export function parseCvss2(vector: string): CvssMetrics | undefined {
  return parseCvssMetrics(vector, GRAMMAR);
}

/** Returns the base score of section 3.2.1, which uses only the base metrics. */
export function scoreCvss2(metrics: CvssMetrics): number {
  const weight = (metric: string): number => WEIGHTS[metric]?.[metrics.get(metric) ?? ''] ?? 0;
  const impact = 10.41 * (1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A')));
  const exploitability = 20 * weight('AV') * weight('AC') * weight('Au');
  const factor = impact === 0 ? 0 : 1.176;
  return Math.round((0.6 * impact + 0.4 * exploitability - 1.5) * factor * 10) / 10;
}

const IMPACT: Readonly<Record<string, number>> = { N: 0, P: 0.275, C: 0.66 };

const WEIGHTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { L: 0.395, A: 0.646, N: 1 },
  AC: { H: 0.35, M: 0.61, L: 0.71 },
  Au: { M: 0.45, S: 0.56, N: 0.704 },
  C: IMPACT,
  I: IMPACT,
  A: IMPACT,
};

const REQUIREMENT = ['L', 'M', 'H', 'ND'];

const GRAMMAR: CvssGrammar = {
  required: {
    AV: ['L', 'A', 'N'],
    AC: ['H', 'M', 'L'],
    Au: ['M', 'S', 'N'],
    C: ['N', 'P', 'C'],
    I: ['N', 'P', 'C'],
    A: ['N', 'P', 'C'],
  },
  optional: {
    E: ['U', 'POC', 'F', 'H', 'ND'],
    RL: ['OF', 'TF', 'W', 'U', 'ND'],
    RC: ['UC', 'UR', 'C', 'ND'],
    CDP: ['N', 'L', 'LM', 'MH', 'H', 'ND'],
    TD: ['N', 'L', 'M', 'H', 'ND'],
    CR: REQUIREMENT,
    IR: REQUIREMENT,
    AR: REQUIREMENT,
  },
};
