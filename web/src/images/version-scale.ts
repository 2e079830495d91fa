import type { GraphInterval, GraphLine, GraphPoint } from '../api-shapes.ts';

/** What is drawn of a line: its versions in their order, and where intervals and points lie among them. */
export type VersionScale = {
  /** With `0` before them and `∞` behind. */
  readonly versions: readonly string[];
  readonly bars: readonly VersionBar[];
  readonly dots: readonly VersionDot[];
};

/** An interval over the versions from one place to below another, counted from 0. */
export type VersionBar = { readonly interval: GraphInterval; readonly from: number; readonly to: number };

/** An installed version at its place. */
export type VersionDot = { readonly point: GraphPoint; readonly at: number };

const ZERO = '0';
const INFINITY = '∞';

/**
 * Places a line evenly: the order of versions counts, and there is no distance between two of them. What names a version that
 * the line has not, of a server that knows more, is left out.
 */
export function versionScale({ versions, points, intervals }: GraphLine): VersionScale {
  const all = [ZERO, ...versions, INFINITY];
  const last = all.length - 1;
  // A version may be called 0 as well: the ends are found by their place.
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

/** The lines with vulnerabilities on which a layer brings a version or removes one. */
export function linesOfLayer(lines: readonly GraphLine[], layer: number): readonly GraphLine[] {
  return lines.filter(
    ({ points, intervals }) =>
      intervals.length > 0 && points.some((point) => point.layer === layer || point.until === layer),
  );
}

/** An interval in words: `from 0 to below 1.2`. */
export function intervalInWords({ from, to, isToAffected }: Omit<GraphInterval, 'vulnerability' | 'severity'>): string {
  if (to === INFINITY) return `from ${from} on, without a fix`;
  return `from ${from} ${isToAffected ? 'up to and with' : 'to below'} ${to}`;
}
