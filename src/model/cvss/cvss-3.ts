import { type CvssGrammar, type CvssMetrics, parseCvssMetrics } from './cvss-metrics.ts';

/**
 * Parses the metrics of a CVSS vector, which are the same in v3.0 and v3.1
 * (https://www.first.org/cvss/v3.1/specification-document section 6). Returns undefined for invalid metrics.
 */
export function parseCvss3(metrics: string): CvssMetrics | undefined {
  return parseCvssMetrics(metrics, GRAMMAR);
}

/**
 * Returns the base score of section 7.1, which uses only the base metrics. The rounding of v3.1 produces the same base
 * scores as v3.0.
 */
export function scoreCvss3(metrics: CvssMetrics): number {
  const isChanged = metrics.get('S') === 'C';
  const impact = impactOf(metrics, isChanged);
  if (impact <= 0) return 0;
  const sum = impact + exploitabilityOf(metrics, isChanged);
  return roundedUp(Math.min(isChanged ? 1.08 * sum : sum, 10));
}

function impactOf(metrics: CvssMetrics, isChanged: boolean): number {
  const weight = (metric: string): number => IMPACT[metrics.get(metric) ?? ''] ?? 0;
  const base = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'));
  return isChanged ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base;
}

function exploitabilityOf(metrics: CvssMetrics, isChanged: boolean): number {
  const weight = (weights: Weights, metric: string): number => weights[metrics.get(metric) ?? ''] ?? 0;
  const privileges = weight(isChanged ? PRIVILEGES_OF_CHANGED : PRIVILEGES, 'PR');
  return 8.22 * weight(ATTACK_VECTOR, 'AV') * weight(COMPLEXITY, 'AC') * privileges * weight(INTERACTION, 'UI');
}

/** Rounds up to one decimal as in appendix A of v3.1, which avoids floating-point errors. */
function roundedUp(score: number): number {
  const integer = Math.round(score * 100_000);
  return integer % 10_000 === 0 ? integer / 100_000 : (Math.floor(integer / 10_000) + 1) / 10;
}

type Weights = Readonly<Record<string, number>>;

/** The metric values of section 7.4. */
const ATTACK_VECTOR: Weights = { N: 0.85, A: 0.62, L: 0.55, P: 0.2 };
const COMPLEXITY: Weights = { L: 0.77, H: 0.44 };
const PRIVILEGES: Weights = { N: 0.85, L: 0.62, H: 0.27 };
const PRIVILEGES_OF_CHANGED: Weights = { N: 0.85, L: 0.68, H: 0.5 };
const INTERACTION: Weights = { N: 0.85, R: 0.62 };
const IMPACT: Weights = { H: 0.56, L: 0.22, N: 0 };

const LEVELS = ['N', 'L', 'H'];
const REQUIREMENT = ['X', 'L', 'M', 'H'];

const GRAMMAR: CvssGrammar = {
  required: {
    AV: ['N', 'A', 'L', 'P'],
    AC: ['L', 'H'],
    PR: LEVELS,
    UI: ['N', 'R'],
    S: ['U', 'C'],
    C: LEVELS,
    I: LEVELS,
    A: LEVELS,
  },
  optional: {
    E: ['X', 'U', 'P', 'F', 'H'],
    RL: ['X', 'O', 'T', 'W', 'U'],
    RC: ['X', 'U', 'R', 'C'],
    CR: REQUIREMENT,
    IR: REQUIREMENT,
    AR: REQUIREMENT,
    MAV: ['X', 'N', 'A', 'L', 'P'],
    MAC: ['X', 'L', 'H'],
    MPR: ['X', ...LEVELS],
    MUI: ['X', 'N', 'R'],
    MS: ['X', 'U', 'C'],
    MC: ['X', ...LEVELS],
    MI: ['X', ...LEVELS],
    MA: ['X', ...LEVELS],
  },
};
