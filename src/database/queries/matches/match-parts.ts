import type { Match } from '../../../model/report/match.ts';
import type { Feature } from '../../../model/feature.ts';
import type { SeverityOrigin } from '../../../model/severity.ts';
import type { Status } from '../../../model/advisories/status.ts';
import { textOrder } from '../../../model/text-order.ts';
import { createTurns } from '../../../threads/turns.ts';
import { featureWith } from '../layers/feature-rows.ts';
import { jsonParts } from './json-lists.ts';

/** A row of the result of `matchesInParts`, which contains one of three lists. */
export type PartRow = {
  readonly part: 'vulnerabilities' | 'matches' | 'points';
  /** {@link VulnerabilityItem}s, {@link MatchItem}s or {@link PointItem}s, listed by `jsonItems`. */
  readonly list: string | null;
};

/** A vulnerability that has matches. If all matches are undecided, the item ends after the name. */
export type VulnerabilityItem = readonly [
  id: number,
  feed: string,
  name: string,
  /** The rank of the NVD severity, for matches without a severity; 0 if unknown or not needed. */
  nvdSeverity?: number,
  link?: string,
  description?: string,
  /** A list of `jsonItems`; null without aliases. */
  aliases?: string | null,
];

/** A range that contains a feature, with the columns of `affected`. Most items end after `fixed`. */
export type MatchItem = readonly [
  vulnerability: number,
  feature: number,
  line: number,
  severity: number,
  severityFrom: SeverityOrigin,
  status: Status,
  fixed: string | null,
  introduced?: string | null,
  lastAffected?: string | null,
  /** The product that the range is limited to; empty for all products. */
  cpe?: string,
];

/** A feature that has matches, and a version line on which a range contains the feature. */
export type PointItem = readonly [
  /** The fields of the feature that have no column. */
  details: object,
  feature: number,
  originDepth: number,
  type: string,
  name: string,
  version: string,
  arch: string | null,
  line: number,
  namespace: string,
  nameOfLine: string,
  role: string,
];

/** A range that contains a feature, with the vulnerability, the feature and the version line. */
export type MatchPart = {
  readonly vulnerability: VulnerabilityPart;
  readonly feature: FeaturePart;
  readonly range: RangePart;
  readonly severity: number;
  readonly cpe: string;
};

/** The fields of a range; the matches of packages of one source package usually share one object per range. */
export type RangePart = Pick<Match, 'namespace' | 'severityFrom' | 'status' | 'fixed' | 'range'>;

export type VulnerabilityPart = {
  readonly id: number;
  readonly of: Match['vulnerability'];
  /** The rank of the NVD severity, as in a {@link VulnerabilityItem}. */
  readonly nvdSeverity: number;
  /** The position in name order; vulnerabilities with the same name from several feeds share a position. */
  readonly place: number;
};

export type FeaturePart = {
  readonly id: number;
  readonly of: Feature;
  readonly originDepth: number;
  /** The position in `FEATURE_ORDER`. */
  readonly place: number;
};

/** A version line with the ranges of its matches. */
type LinePart = {
  readonly namespace: string;
  readonly name: string;
  readonly isOfSource: boolean;
  readonly ranges: RangePart[];
  /** The index of the range of the last match. */
  last: number;
};

/**
 * Parses the rows of `matchesInParts`. All matches of a feature share one object for the feature, because large images
 * have hundreds of thousands of matches. Other work of the thread can run between parts of the lists.
 */
export async function partsOfRows(rows: readonly PartRow[]): Promise<readonly MatchPart[]> {
  const lists = new Map(rows.map(({ part, list }) => [part, list]));
  const turns = createTurns();
  const listed: VulnerabilityItem[] = [];
  for (const json of jsonParts(lists.get('vulnerabilities') ?? null)) {
    const items: readonly VulnerabilityItem[] = JSON.parse(json);
    for (const item of items) listed.push(item);
    if (turns.areDue()) await turns.take();
  }
  const vulnerabilities = vulnerabilitiesOf(listed);
  const points: PointItem[] = [];
  for (const json of jsonParts(lists.get('points') ?? null)) {
    const items: readonly PointItem[] = JSON.parse(json);
    for (const item of items) points.push(item);
    if (turns.areDue()) await turns.take();
  }
  const features = featuresOf(points);
  const lines = linesOf(points);
  const matches: MatchPart[] = [];
  for (const json of jsonParts(lists.get('matches') ?? null)) {
    const items: readonly MatchItem[] = JSON.parse(json);
    for (const item of items) {
      matches.push({
        vulnerability: partAt(vulnerabilities, item[0]),
        feature: partAt(features, item[1]),
        range: rangeOn(partAt(lines, item[2]), item),
        severity: item[3],
        cpe: item[9] ?? '',
      });
    }
    if (turns.areDue()) await turns.take();
  }
  return matches;
}

/** Returns a part of the result of a query. @throws Error if the query returned no part with that id */
export function partAt<Part>(parts: ReadonlyMap<number, Part>, id: number): Part {
  const part = parts.get(id);
  if (part === undefined) throw new Error(`the query returned a match with part ${id}, but did not return the part`);
  return part;
}

function vulnerabilitiesOf(items: readonly VulnerabilityItem[]): ReadonlyMap<number, VulnerabilityPart> {
  return placedVulnerabilities(
    items.map((item) => {
      const list = item[6] ?? null;
      const aliases = list === null ? NO_ALIASES : aliasesOf(list);
      const of = { feed: item[1], name: item[2], link: item[4] ?? '', description: item[5] ?? '', aliases };
      return { id: item[0], of, nvdSeverity: item[3] ?? 0, place: 0 };
    }),
  );
}

/**
 * Sets the positions of vulnerabilities, and returns them by id. Changes the given items, because copies take as long as
 * the rest.
 */
export function placedVulnerabilities(all: readonly PlaceableVulnerability[]): ReadonlyMap<number, VulnerabilityPart> {
  const vulnerabilities = new Map<number, VulnerabilityPart>();
  let last: string | undefined;
  let place = 0;
  for (const each of all.toSorted(byName)) {
    if (each.of.name !== last) place += 1;
    last = each.of.name;
    each.place = place;
    vulnerabilities.set(each.id, each);
  }
  return vulnerabilities;
}

type PlaceableVulnerability = Omit<VulnerabilityPart, 'place'> & { place: number };

const NO_ALIASES: readonly string[] = [];

function aliasesOf(list: string): readonly string[] {
  const items: readonly (readonly [name: string])[] = JSON.parse(`[${list}]`);
  return items.map(([name]) => name).toSorted(textOrder);
}

function byName(one: VulnerabilityPart, other: VulnerabilityPart): number {
  return textOrder(one.of.name, other.of.name);
}

/**
 * A feature may have several points: an rpm package has a point on the version line of its name and a point on the
 * version line of its source package.
 */
function featuresOf(points: readonly PointItem[]): ReadonlyMap<number, FeaturePart> {
  const listed = new Map<number, ListedFeature>();
  for (const point of points) if (!listed.has(point[1])) listed.set(point[1], listedFeature(point));
  const features = new Map<number, FeaturePart>();
  for (const each of [...listed.values()].toSorted(byFeature)) {
    const of = featureWith(each, each.details);
    features.set(each.id, { id: each.id, of, originDepth: each.originDepth, place: features.size });
  }
  return features;
}

type ListedFeature = {
  readonly id: number;
  readonly originDepth: number;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly arch: string | null;
  readonly details: object;
};

/** Comparing fields is faster than comparing items of a tuple. */
function listedFeature([details, id, originDepth, type, name, version, arch]: PointItem): ListedFeature {
  return { id, originDepth, type, name, version, arch, details };
}

function linesOf(points: readonly PointItem[]): ReadonlyMap<number, LinePart> {
  const lines = new Map<number, LinePart>();
  for (const point of points) {
    if (lines.has(point[7])) continue;
    const isOfSource = point[10] === 'source';
    lines.set(point[7], { namespace: point[8], name: point[9], isOfSource, ranges: [], last: 0 });
  }
  return lines;
}

/**
 * Returns the range of a match. A match usually has the range of the last match on the version line. Because packages
 * of the same source package have the same ranges in the same order, the next range and the first range are also
 * frequent.
 */
function rangeOn(line: LinePart, item: MatchItem): RangePart {
  const { ranges } = line;
  for (const place of [line.last, line.last + 1, 0]) {
    const range = ranges[place];
    if (range === undefined || !isRangeOf(range, item)) continue;
    line.last = place;
    return range;
  }
  const range = rangePart(line, item);
  line.last = ranges.push(range) - 1;
  return range;
}

function isRangeOf({ severityFrom, status, fixed, range }: RangePart, item: MatchItem): boolean {
  return (
    fixed === item[6] &&
    status === item[5] &&
    severityFrom === item[4] &&
    range.introduced === (item[7] ?? null) &&
    range.lastAffected === (item[8] ?? null)
  );
}

function rangePart({ namespace, name, isOfSource }: LinePart, item: MatchItem): RangePart {
  const introduced = item[7] ?? null;
  const lastAffected = item[8] ?? null;
  const range = isOfSource
    ? { name, role: 'source' as const, introduced, lastAffected }
    : { name, introduced, lastAffected };
  return { namespace, severityFrom: item[4], status: item[5], fixed: item[6], range };
}

/**
 * Compares as `FEATURE_ORDER` does. SQLite sorts NULL first and PostgreSQL sorts it last, so a missing architecture is
 * compared as an empty text.
 */
function byFeature(a: ListedFeature, b: ListedFeature): number {
  return (
    textOrder(a.name, b.name) ||
    textOrder(a.arch ?? '', b.arch ?? '') ||
    textOrder(a.version, b.version) ||
    textOrder(JSON.stringify(a.details), JSON.stringify(b.details)) ||
    a.id - b.id
  );
}
