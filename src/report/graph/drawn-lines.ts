import { severityRank } from '../../model/severity.ts';
import { countOf } from '../../model/counted-noun.ts';
import type { GraphInterval, GraphLine } from './version-lines.ts';
import type { ImageGraph } from './image-graph.ts';

/**
 * The version lines that a picture shows, and the number of omitted version lines. A picture of thousands of version
 * lines would be unreadable.
 */
export type DrawnLines = { readonly lines: readonly DrawnLine[]; readonly leftOut: number };

export type DrawnLine = GraphLine & { readonly drawn: readonly GraphInterval[]; readonly intervalsLeftOut: number };

export const MAX_DRAWN_LINES = 60;
export const MAX_DRAWN_INTERVALS = 12;

/** Selects the version lines with vulnerabilities, worst first, and for each version line its worst vulnerabilities. */
export function drawnLines({ lines }: Pick<ImageGraph, 'lines'>): DrawnLines {
  const wanted = lines
    .filter(({ intervals }) => intervals.length > 0)
    .toSorted((one, other) => worst(other) - worst(one) || other.intervals.length - one.intervals.length);
  return {
    lines: wanted.slice(0, MAX_DRAWN_LINES).map((line) => ({
      ...line,
      drawn: line.intervals
        .toSorted((one, other) => severityRank(other.severity) - severityRank(one.severity))
        .slice(0, MAX_DRAWN_INTERVALS),
      intervalsLeftOut: Math.max(0, line.intervals.length - MAX_DRAWN_INTERVALS),
    })),
    leftOut: Math.max(0, wanted.length - MAX_DRAWN_LINES),
  };
}

/** Returns the remark on omitted version lines; empty if no version lines are omitted. */
export function leftOutText({ leftOut }: DrawnLines): string {
  return leftOut === 0
    ? ''
    : `${countOf(leftOut, 'more version line')} ${leftOut === 1 ? 'is' : 'are'} not drawn: choose lines with --package, --severity or --type, or use --format json`;
}

function worst({ intervals }: GraphLine): number {
  return Math.max(...intervals.map(({ severity }) => severityRank(severity)));
}
