import type { GraphInterval, GraphLine, GraphPoint } from '../api-shapes.ts';

/** The drawing of a version line, with its versions in order, and the positions of intervals and points. */
export type VersionScale = {
  /** The versions, which start with `0` and end with `∞`. */
  readonly versions: readonly string[];
  readonly bars: readonly VersionBar[];
  readonly dots: readonly VersionDot[];
};

/** An interval between two positions, which start at 0. The version at `to` is affected only with `isToAffected`. */
export type VersionBar = { readonly interval: GraphInterval; readonly from: number; readonly to: number };

/** An installed version at its position. */
export type VersionDot = { readonly point: GraphPoint; readonly at: number };

const ZERO = '0';
const INFINITY = '∞';

/**
 * Returns the drawing of a version line, in which the distances between adjacent versions are equal, because only the
 * order matters. Intervals and points with versions that the version line lacks are omitted.
 */
export function versionScale({ versions, points, intervals }: GraphLine): VersionScale {
  const all = [ZERO, ...versions, INFINITY];
  const last = all.length - 1;
  // The ends have fixed positions, because the version of a package can also be `0`.
  const placeOf = (version: string): number => {
    if (version === ZERO) return 0;
    return version === INFINITY ? last : versions.indexOf(version) + 1;
  };
  const isKnown = (version: string): boolean => version === ZERO || placeOf(version) > 0;
  return {
    versions: all,
    bars: intervals
      .filter(({ from, to }) => isKnown(from) && isKnown(to))
      .map((interval) => ({ interval, from: placeOf(interval.from), to: placeOf(interval.to) })),
    dots: points
      .filter(({ version }) => versions.includes(version))
      .map((point) => ({ point, at: versions.indexOf(point.version) + 1 })),
  };
}

/** Returns the vulnerable version lines on which a layer adds or removes a version. */
export function linesOfLayer(lines: readonly GraphLine[], layer: number): readonly GraphLine[] {
  return lines.filter(
    ({ points, intervals }) =>
      intervals.length > 0 && points.some((point) => point.layer === layer || point.until === layer),
  );
}

/** Returns an interval as text, such as `from 0, before 1.2`. */
export function intervalInWords({ from, to, isToAffected }: Omit<GraphInterval, 'vulnerability' | 'severity'>): string {
  if (to === INFINITY) return `from ${from}, no fix`;
  return isToAffected ? `from ${from} through ${to}` : `from ${from}, before ${to}`;
}
