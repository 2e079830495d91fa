import { type MacroVector, scoreOfMacroVector } from './cvss-4-scores.ts';
import { type CvssGrammar, type CvssMetrics, parseCvssMetrics } from './cvss-metrics.ts';

/**
 * Parses the metrics of a CVSS v4.0 vector (https://www.first.org/cvss/v4.0/specification-document section 7). Returns
 * undefined for invalid metrics.
 */
export function parseCvss4(metrics: string): CvssMetrics | undefined {
  return parseCvssMetrics(metrics, GRAMMAR);
}

/**
 * Returns the score of section 8.2: the score of the macro vector minus the mean proportional distance of the vector to
 * the highest vectors of the macro vector. Version 4 defines a single score, which includes threat and environmental
 * metrics if given.
 */
export function scoreCvss4(metrics: CvssMetrics): number {
  const value = effectiveValues(metrics);
  if (['VC', 'VI', 'VA', 'SC', 'SI', 'SA'].every((metric) => value(metric) === 'N')) return 0;
  const levels = levelsOf(value);
  const score = scoreOfMacroVector(levels) ?? 0;
  let steps = 0;
  let sum = 0;
  for (const { lower, way } of waysDown(levels, value)) {
    const lowerScores = lower.map((each) => scoreOfMacroVector(each)).filter((each) => each !== undefined);
    if (lowerScores.length === 0) continue;
    steps += 1;
    sum += (score - Math.max(...lowerScores)) * way;
  }
  const lowered = Math.min(Math.max(score - (steps === 0 ? 0 : sum / steps), 0), 10);
  // The addition compensates for binary fractions that are slightly below the midpoint between two tenths.
  return Math.round((lowered + 1e-6) * 10) / 10;
}

type ValueOf = (metric: string) => string;

/**
 * Returns the effective values of the metrics. An undefined metric has the most severe value; a modified metric
 * replaces its base metric.
 */
function effectiveValues(metrics: CvssMetrics): ValueOf {
  const defined = (metric: string): string | undefined => {
    const value = metrics.get(metric);
    return value === 'X' ? undefined : value;
  };
  return (metric) => defined(`M${metric}`) ?? defined(metric) ?? (metric === 'E' ? 'A' : 'H');
}

function levelsOf(value: ValueOf): MacroVector {
  const open = [value('AV') === 'N', value('PR') === 'N', value('UI') === 'N'];
  const eq1 = open.every(Boolean) ? 0 : open.some(Boolean) && value('AV') !== 'P' ? 1 : 2;
  const eq2 = value('AC') === 'L' && value('AT') === 'N' ? 0 : 1;
  const isHigh = (metric: string): boolean => value(metric) === 'H';
  const eq3 = isHigh('VC') && isHigh('VI') ? 0 : ['VC', 'VI', 'VA'].some(isHigh) ? 1 : 2;
  const isSafety = value('SI') === 'S' || value('SA') === 'S';
  const eq4 = isSafety ? 0 : ['SC', 'SI', 'SA'].some(isHigh) ? 1 : 2;
  const eq5 = 'APU'.indexOf(value('E'));
  const isRequired = (name: string): boolean => isHigh(`${name}R`) && isHigh(`V${name}`);
  const eq6 = ['C', 'I', 'A'].some(isRequired) ? 0 : 1;
  return [eq1, eq2, eq3, eq4, eq5, eq6];
}

/** The next lower macro vectors of an equivalence class, and the proportional distance of the vector, from 0 to 1. */
type WayDown = { readonly lower: readonly MacroVector[]; readonly way: number };

/** Returns an entry per equivalence class. The third and sixth classes depend on each other and share an entry. */
function waysDown(levels: MacroVector, value: ValueOf): readonly WayDown[] {
  const [eq1, eq2, eq3, eq4, eq5, eq6] = levels;
  const highest = [HIGHEST.eq1[eq1], HIGHEST.eq2[eq2], HIGHEST.eq3eq6[`${eq3}${eq6}`], HIGHEST.eq4[eq4]];
  const ways = highest.map((class_) => (class_ === undefined ? 0 : stepsBelow(class_.vectors, value) / class_.depth));
  return [
    { lower: [[eq1 + 1, eq2, eq3, eq4, eq5, eq6]], way: ways[0] ?? 0 },
    { lower: [[eq1, eq2 + 1, eq3, eq4, eq5, eq6]], way: ways[1] ?? 0 },
    { lower: lowerOfThirdWithSixth(levels), way: ways[2] ?? 0 },
    { lower: [[eq1, eq2, eq3, eq4 + 1, eq5, eq6]], way: ways[3] ?? 0 },
    // Each level of the fifth class has only one vector, so the distance is 0, but the mean includes this distance.
    { lower: [[eq1, eq2, eq3, eq4, eq5 + 1, eq6]], way: 0 },
  ];
}

function lowerOfThirdWithSixth([eq1, eq2, eq3, eq4, eq5, eq6]: MacroVector): readonly MacroVector[] {
  const thirdLower: MacroVector = [eq1, eq2, eq3 + 1, eq4, eq5, eq6];
  const sixthLower: MacroVector = [eq1, eq2, eq3, eq4, eq5, eq6 + 1];
  if (eq3 === 0 && eq6 === 0) return [thirdLower, sixthLower];
  if (eq3 === 1 && eq6 === 0) return [sixthLower];
  return [thirdLower];
}

/** Returns the distance in metric steps to the first highest vector that is at least as severe in every metric. */
function stepsBelow(vectors: readonly string[], value: ValueOf): number {
  for (const vector of vectors) {
    const steps = vector.split('/').map((part) => {
      const [metric = '', highest = ''] = part.split(':');
      const order = ORDER[metric] ?? '';
      return order.indexOf(value(metric)) - order.indexOf(highest);
    });
    if (steps.every((step) => step >= 0)) return steps.reduce((sum, step) => sum + step, 0);
  }
  return 0;
}

/** The values of each metric in descending order of severity. Neighbours are one step apart. */
const ORDER: Readonly<Record<string, string>> = {
  AV: 'NALP',
  PR: 'NLH',
  UI: 'NPA',
  AC: 'LH',
  AT: 'NP',
  VC: 'HLN',
  VI: 'HLN',
  VA: 'HLN',
  SC: 'SHLN',
  SI: 'SHLN',
  SA: 'SHLN',
  CR: 'HML',
  IR: 'HML',
  AR: 'HML',
};

/** The highest vectors of a level, and the number of steps to the next level (tables 24 to 30). */
type Level = { readonly vectors: readonly string[]; readonly depth: number };

const HIGHEST: {
  readonly eq1: readonly Level[];
  readonly eq2: readonly Level[];
  readonly eq3eq6: Readonly<Record<string, Level>>;
  readonly eq4: readonly Level[];
} = {
  eq1: [
    { vectors: ['AV:N/PR:N/UI:N'], depth: 1 },
    { vectors: ['AV:A/PR:N/UI:N', 'AV:N/PR:L/UI:N', 'AV:N/PR:N/UI:P'], depth: 4 },
    { vectors: ['AV:P/PR:N/UI:N', 'AV:A/PR:L/UI:P'], depth: 5 },
  ],
  eq2: [
    { vectors: ['AC:L/AT:N'], depth: 1 },
    { vectors: ['AC:H/AT:N', 'AC:L/AT:P'], depth: 2 },
  ],
  eq3eq6: {
    '00': { vectors: ['VC:H/VI:H/VA:H/CR:H/IR:H/AR:H'], depth: 7 },
    '01': { vectors: ['VC:H/VI:H/VA:L/CR:M/IR:M/AR:H', 'VC:H/VI:H/VA:H/CR:M/IR:M/AR:M'], depth: 6 },
    '10': { vectors: ['VC:L/VI:H/VA:H/CR:H/IR:H/AR:H', 'VC:H/VI:L/VA:H/CR:H/IR:H/AR:H'], depth: 8 },
    '11': {
      vectors: [
        'VC:L/VI:H/VA:L/CR:H/IR:M/AR:H',
        'VC:L/VI:H/VA:H/CR:H/IR:M/AR:M',
        'VC:H/VI:L/VA:H/CR:M/IR:H/AR:M',
        'VC:H/VI:L/VA:L/CR:M/IR:H/AR:H',
        'VC:L/VI:L/VA:H/CR:H/IR:H/AR:M',
      ],
      depth: 8,
    },
    '21': { vectors: ['VC:L/VI:L/VA:L/CR:H/IR:H/AR:H'], depth: 10 },
  },
  eq4: [
    { vectors: ['SC:H/SI:S/SA:S'], depth: 6 },
    { vectors: ['SC:H/SI:H/SA:H'], depth: 5 },
    { vectors: ['SC:L/SI:L/SA:L'], depth: 4 },
  ],
};

const ATTACK_VECTOR = ['N', 'A', 'L', 'P'];
const LEVELS = ['N', 'L', 'H'];
const REQUIREMENT = ['X', 'H', 'M', 'L'];

const GRAMMAR: CvssGrammar = {
  required: {
    AV: ATTACK_VECTOR,
    AC: ['L', 'H'],
    AT: ['N', 'P'],
    PR: LEVELS,
    UI: ['N', 'P', 'A'],
    VC: LEVELS,
    VI: LEVELS,
    VA: LEVELS,
    SC: LEVELS,
    SI: LEVELS,
    SA: LEVELS,
  },
  optional: {
    E: ['X', 'A', 'P', 'U'],
    CR: REQUIREMENT,
    IR: REQUIREMENT,
    AR: REQUIREMENT,
    MAV: ['X', ...ATTACK_VECTOR],
    MAC: ['X', 'L', 'H'],
    MAT: ['X', 'N', 'P'],
    MPR: ['X', ...LEVELS],
    MUI: ['X', 'N', 'P', 'A'],
    MVC: ['X', ...LEVELS],
    MVI: ['X', ...LEVELS],
    MVA: ['X', ...LEVELS],
    MSC: ['X', ...LEVELS],
    MSI: ['X', ...LEVELS, 'S'],
    MSA: ['X', ...LEVELS, 'S'],
    S: ['X', 'N', 'P'],
    AU: ['X', 'N', 'Y'],
    R: ['X', 'A', 'U', 'I'],
    V: ['X', 'D', 'C'],
    RE: ['X', 'L', 'M', 'H'],
    U: ['X', 'Clear', 'Green', 'Amber', 'Red'],
  },
};
