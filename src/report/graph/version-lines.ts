import { archOf } from '../../model/feature.ts';
import { withoutEpoch } from '../../database/queries/vulnerabilities/affected-intervals.ts';
import type { FeatureChange } from '../../model/layer.ts';
import type { Match } from '../../model/report/match.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import type { Severity } from '../../model/severity.ts';
import type { Status } from '../../model/advisories/status.ts';
import { SCHEMES } from '../../versions/index.ts';
import type { SchemeId } from '../../versions/index.ts';
import { textOrder } from '../../model/text-order.ts';

/** A version line with its packages and vulnerabilities in the layers of an image. */
export type GraphLine = {
  readonly namespace: string;
  /**
   * The package name in feeds: for deb and apk, the source package; for rpm, the source or binary package; for
   * libraries, the library.
   */
  readonly name: string;
  /** Whether `name` is the name of an rpm source package. */
  readonly isOfSource: boolean;
  /** All versions on the version line, in the order of the package manager, without 0 and ∞. */
  readonly versions: readonly string[];
  readonly points: readonly GraphPoint[];
  readonly intervals: readonly GraphInterval[];
};

/** A version that a layer installs and that a later layer can remove. */
export type GraphPoint = {
  readonly version: string;
  /** The index of the layer that adds the version. */
  readonly layer: number;
  /** The index of the layer that removes the version; null if the image still contains the version. */
  readonly until: number | null;
  readonly packages: readonly string[];
};

/** A vulnerable version range of an advisory. */
export type GraphInterval = {
  readonly vulnerability: string;
  /** The first affected version; `0` if the range has no start. */
  readonly from: string;
  /** The first fixed version, or the last affected version (`isToAffected`); `∞` if the range has no end. */
  readonly to: string;
  readonly isToAffected: boolean;
  readonly severity: Severity;
  readonly status: Status;
};

/** The start of each version line. */
export const ZERO = '0';

/** The end of each version line. */
export const INFINITY = '∞';

/**
 * Returns the version lines of all packages that layers add, sorted by namespace and name. A version line contains the
 * vulnerabilities of its packages in all layers. As in the index, a version that the package manager cannot order is on
 * no version line.
 */
export function versionLines(
  changes: readonly (readonly FeatureChange[])[],
  matches: readonly (readonly Match[])[],
): readonly GraphLine[] {
  const lines = new Map<string, OpenLine>();
  for (const [layer, of] of changes.entries()) {
    // Removals come first, because an upgrade ends a point and starts another point.
    for (const each of of.toSorted((one, other) => one.change - other.change)) place(lines, layer, each);
  }
  for (const [layer, of] of matches.entries()) for (const match of of) addInterval(lines, layer, match);
  return [...lines.values()]
    .toSorted((one, other) => textOrder(one.namespace, other.namespace) || textOrder(one.name, other.name))
    .map(closedLine);
}

type OpenLine = Pick<GraphLine, 'namespace' | 'name' | 'isOfSource'> & {
  readonly scheme: SchemeId;
  readonly points: OpenPoint[];
  readonly intervals: Map<string, GraphInterval>;
};

type OpenPoint = {
  readonly version: string;
  readonly layer: number;
  until: number | null;
  readonly packages: Set<string>;
  /** The installed packages of the point, by name and architecture. */
  readonly present: Set<string>;
};

/**
 * Adds or removes a package. Packages with the same source package share a point; the point ends when the last of these
 * packages is removed.
 */
function place(lines: Map<string, OpenLine>, layer: number, { feature: of, namespace, change }: FeatureChange): void {
  const scheme = ecosystemOf(of).scheme;
  for (const { name, version, role } of ecosystemOf(of).lines(of)) {
    const isOfSource = role === 'source';
    if (keyOf(version, { isOfSource, scheme }) === undefined) continue;
    const line = lineOf(lines, { namespace, name, isOfSource, scheme });
    const open = line.points.find((point) => point.version === version && point.until === null);
    const identity = JSON.stringify([of.name, archOf(of)]);
    if (change === 1) {
      const point = open ?? newPoint(line, version, layer);
      point.packages.add(of.name);
      point.present.add(identity);
    } else if (open !== undefined) {
      open.present.delete(identity);
      if (open.present.size === 0) open.until = layer;
    }
  }
}

function newPoint({ points }: OpenLine, version: string, layer: number): OpenPoint {
  const point: OpenPoint = { version, layer, until: null, packages: new Set(), present: new Set() };
  points.push(point);
  return point;
}

function lineOf(
  lines: Map<string, OpenLine>,
  { namespace, name, isOfSource, scheme }: Pick<OpenLine, 'namespace' | 'name' | 'isOfSource' | 'scheme'>,
): OpenLine {
  const key = lineKey(namespace, name, isOfSource);
  const known = lines.get(key);
  if (known !== undefined) return known;
  const line: OpenLine = { namespace, name, isOfSource, scheme, points: [], intervals: new Map() };
  lines.set(key, line);
  return line;
}

function lineKey(namespace: string, name: string, isOfSource: boolean): string {
  return JSON.stringify([namespace, name, isOfSource]);
}

function addInterval(
  lines: Map<string, OpenLine>,
  layer: number,
  { vulnerability, namespace, range, fixed, severity, status, feature: of }: Match,
): void {
  const isOfSource = range.role === 'source';
  const line = lineOf(lines, { namespace, name: range.name, isOfSource, scheme: ecosystemOf(of).scheme });
  const version = ecosystemOf(of)
    .lines(of)
    .find(({ role }) => (role === 'source') === isOfSource)?.version;
  // If a layer changes the distribution release but not the package, the package moves to another version line, for
  // which `changes` has no point.
  if (version !== undefined && line.points.every((point) => point.version !== version)) {
    newPoint(line, version, layer).packages.add(of.name);
  }
  // As in the database, a bound that the package manager cannot order counts as absent.
  const bound = (text: string | null): string | null =>
    text !== null && keyOf(text, line) !== undefined ? text : null;
  const interval = {
    vulnerability: vulnerability.name,
    from: bound(range.introduced) ?? ZERO,
    to: bound(fixed) ?? bound(range.lastAffected) ?? INFINITY,
    isToAffected: bound(fixed) === null && bound(range.lastAffected) !== null,
    severity,
    status,
  };
  line.intervals.set(JSON.stringify([interval.vulnerability, interval.from, interval.to]), interval);
}

function closedLine({ namespace, name, isOfSource, scheme, points, intervals }: OpenLine): GraphLine {
  const bounds = [...intervals.values()].flatMap(({ from, to }) => [from, to]);
  const named = new Set([...points.map(({ version }) => version), ...bounds]);
  const keyed = [...named].flatMap((version) => {
    const key = version === ZERO || version === INFINITY ? undefined : keyOf(version, { isOfSource, scheme });
    return key === undefined ? [] : [{ version, key }];
  });
  const versions = keyed.toSorted((one, other) => Buffer.compare(one.key, other.key)).map(({ version }) => version);
  return {
    namespace,
    name,
    isOfSource,
    versions,
    points: points.map(({ present: _present, packages, ...point }) => ({
      ...point,
      packages: [...packages].toSorted(),
    })),
    intervals: [...intervals.values()],
  };
}

function keyOf(
  version: string,
  { isOfSource, scheme }: Pick<OpenLine, 'isOfSource' | 'scheme'>,
): Uint8Array | undefined {
  return SCHEMES[scheme].keyOf(isOfSource ? withoutEpoch(version) : version);
}
