import type { Severity } from '../../../src/model/severity.ts';
import type { GraphFinding, GraphLayer } from '../api-shapes.ts';
import { FROM_WORST } from '../parts/severity-word.tsx';

/** The number of open findings of each severity before and after a layer. */
export type StreamPiece = {
  readonly before: readonly number[];
  readonly after: readonly number[];
};

/** The findings of a severity at a layer, as an SVG path in a square of 100 by 100 units. */
export type StreamShape = {
  readonly severity: Severity;
  /** The number of open findings after the layer. */
  readonly count: number;
  readonly path: string;
};

/**
 * Returns the numbers of open findings before and after each layer, starting with the base. The numbers are in the
 * order of {@link FROM_WORST} and never negative.
 */
export function findingStream(layers: readonly Pick<GraphLayer, 'brings' | 'repairs'>[]): readonly StreamPiece[] {
  let open = FROM_WORST.map(() => 0);
  return layers.map(({ brings, repairs }) => {
    const before = open;
    open = FROM_WORST.map((severity, index) => {
      const change = countOf(brings, severity) - countOf(repairs, severity);
      return Math.max(0, (before[index] ?? 0) + change);
    });
    return { before, after: open };
  });
}

/**
 * Returns the shapes of a layer, with the worst severity on the left. Each shape bends from its width before the layer
 * to its width after the layer.
 *
 * @param widest the number of findings that fills the width of the square
 */
export function streamShapes({ before, after }: StreamPiece, widest: number): readonly StreamShape[] {
  const [top, bottom] = [edgesOf(before, widest), edgesOf(after, widest)];
  return FROM_WORST.flatMap((severity, index) => {
    if ((before[index] ?? 0) === 0 && (after[index] ?? 0) === 0) return [];
    const [topLeft = 0, topRight = 0] = top.slice(index);
    const [bottomLeft = 0, bottomRight = 0] = bottom.slice(index);
    const right = `C ${topRight},50 ${bottomRight},50 ${bottomRight},100`;
    const left = `C ${bottomLeft},50 ${topLeft},50 ${topLeft},0`;
    const count = after[index] ?? 0;
    return [{ severity, count, path: `M ${topLeft},0 H ${topRight} ${right} H ${bottomLeft} ${left} Z` }];
  });
}

/** Returns the findings that are not suppressed. */
export function openFindings(findings: readonly GraphFinding[]): readonly GraphFinding[] {
  return findings.filter(({ isSuppressed }) => !isSuppressed);
}

/** Returns the number of open findings after a piece. */
export function openAfter({ after }: StreamPiece): number {
  return after.reduce((sum, count) => sum + count, 0);
}

/** Returns the largest number of open findings after any piece, but at least 1. */
export function widestOf(pieces: readonly StreamPiece[]): number {
  return Math.max(1, ...pieces.map(openAfter));
}

function edgesOf(counts: readonly number[], widest: number): readonly number[] {
  let edge = 0;
  return [0, ...counts.map((count) => (edge += count))].map((each) => Math.round((each / widest) * 1000) / 10);
}

function countOf(findings: readonly GraphFinding[], wanted: Severity): number {
  return openFindings(findings).filter(({ severity }) => severity === wanted).length;
}
