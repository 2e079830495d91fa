import type { Match, Note, Undecided, Verdicts } from '../../../model/report/match.ts';
import { SEVERITIES, severityOfRank, severityRank } from '../../../model/severity.ts';
import { isFinding, noteKindOf, UNDECIDED } from '../../../model/advisories/status.ts';
import { textOrder } from '../../../model/text-order.ts';
import { createTurns } from '../../../threads/turns.ts';
import { partsOf } from '../row-pages.ts';
import { NVD_SEVERITY } from '../enrichments/nvd-severities.ts';
import { jsonItems } from './json-lists.ts';
import { type MatchPart, type PartRow, partsOfRows } from './match-parts.ts';
import { dependsOnEpoch } from './unknown-epochs.ts';
import { widestMatch } from './widest-match.ts';

/** The number of matches that are built before the thread may run other work. */
const MATCHES_PER_TURN = 5000;

/**
 * The number of ranges that are processed between two reads of the clock; the processing takes about a millisecond.
 * Reading the clock takes as long as processing a range.
 */
const RANGES_PER_CHECK = 500;

/** The columns of a match that {@link matchesInParts} needs. */
export const MATCH_COLUMNS = `
    affected.vulnerability, affected.line, affected.severity, affected.severity_from, affected.status, affected.fixed,
    affected.introduced, affected.last_affected, affected.cpe`;

/**
 * Returns one statement that reads all matches, and all data to present the matches, from one snapshot. Most of the
 * time is spent on passing rows and columns to the program. All matches are therefore in one list, and each
 * vulnerability, feature and version line is returned once.
 *
 * @param first the common table expressions that `matched` uses
 * @param matched a query for {@link MATCH_COLUMNS}, the id of the `feature`, and `origin_depth`
 * @param columns {@link NAMES_ALONE} if only names and ranges are needed
 */
export function matchesInParts(first: string, matched: string, columns: PartColumns = ALL_COLUMNS): string {
  return `
WITH RECURSIVE ${first}, matched AS MATERIALIZED (${matched})
SELECT 'matches' AS part, ${jsonItems(MATCH_ITEM, { short: SHORT_MATCH })} AS list
FROM matched
UNION ALL
SELECT 'vulnerabilities', ${jsonItems(vulnerabilityItem(columns), { short: SHORT_VULNERABILITY })}
FROM (
  SELECT vulnerability AS id, MIN(CASE WHEN ${IS_UNDECIDED} THEN NULL ELSE severity END) AS lowest_severity
  FROM matched
  GROUP BY vulnerability
) AS known
  CROSS JOIN vulnerability
WHERE vulnerability.id = known.id
UNION ALL
SELECT 'points', ${jsonItems(POINT_ITEM, { first: 'feature.details' })}
${POINTS}`;
}

/** Most ranges have no start, no last affected version and no product. */
const SHORT_MATCH = { if: "introduced IS NULL AND last_affected IS NULL AND cpe = ''", length: 7 };

/** Undecided pairs consist of names, so vulnerabilities without another match need no texts. */
const SHORT_VULNERABILITY = { if: 'known.lowest_severity IS NULL', length: 3 };

const IS_UNDECIDED = `status IN (${UNDECIDED.map((status) => `'${status}'`).join(', ')})`;

/** The SQL of the columns that {@link NAMES_ALONE} replaces. */
type PartColumns = { readonly nvdSeverity: string; readonly link: string; readonly description: string };

const ALL_COLUMNS: PartColumns = {
  nvdSeverity: `CASE WHEN known.lowest_severity = 0 THEN ${NVD_SEVERITY} ELSE 0 END`,
  link: 'vulnerability.link',
  description: 'vulnerability.description',
};

/** The columns for a query that needs no links, descriptions and NVD severities. */
export const NAMES_ALONE: PartColumns = { nvdSeverity: '0', link: "''", description: "''" };

/** Returns the columns in the order of {@link VulnerabilityItem}. */
function vulnerabilityItem({ nvdSeverity, link, description }: PartColumns): readonly string[] {
  const aliases = `(
    SELECT ${jsonItems(['vulnerability_alias.name'])}
    FROM vulnerability_alias
    WHERE vulnerability_alias.vulnerability = vulnerability.id
  )`;
  return ['vulnerability.id', 'vulnerability.feed', 'vulnerability.name', nvdSeverity, link, description, aliases];
}

/** The columns in the order of {@link MatchItem}. */
const MATCH_ITEM: readonly string[] = [
  'vulnerability',
  'feature',
  'line',
  'severity',
  'severity_from',
  'status',
  'fixed',
  'introduced',
  'last_affected',
  'cpe',
];

/** The columns in the order of {@link PointItem}, after the details. */
const POINT_ITEM: readonly string[] = [
  'known.feature',
  'known.origin_depth',
  'feature.type',
  'feature.name',
  'feature.version',
  'feature.arch',
  'known.line',
  'namespace.name',
  'line.name',
  'line.role',
];

const POINTS = `
FROM (SELECT DISTINCT feature, line, origin_depth FROM matched) AS known
  CROSS JOIN feature
  CROSS JOIN line
  CROSS JOIN namespace
WHERE feature.id = known.feature AND line.id = known.line AND namespace.id = line.namespace`;

/**
 * Assembles matches and undecided pairs from the rows of `matchesInParts`. Matches are sorted by severity (highest
 * first), then by the names of vulnerability and package. Undecided pairs are sorted by feed, then by the two names;
 * notes are sorted by the two names only.
 *
 * Each pair of a vulnerability and a package has one result. A range for all products takes precedence over a range for
 * a single product. Then, a range for the package takes precedence over a range for its source package, and after that,
 * a narrower product over a wider product. Of the remaining ranges, the widest range is used. A pair is undecided if
 * all its ranges are undecided; the status of the pair is the alphabetically first status of these ranges. A range is
 * also undecided if only the epoch, which the SBOM does not contain, decides whether the range contains the package.
 */
export async function verdictsOfRows(rows: readonly PartRow[]): Promise<Verdicts> {
  return await verdictsOfParts(await partsOfRows(rows));
}

/** Assembles matches and undecided pairs, as {@link verdictsOfRows} does. */
export async function verdictsOfParts(parts: readonly MatchPart[]): Promise<Verdicts> {
  const turns = createTurns();
  const matches: MatchPart[][] = SEVERITIES.map(() => []);
  const undecided: Undecided[] = [];
  const notes: Note[] = [];
  const add = (part: MatchPart): void => {
    if (isFinding(part.range.status)) matches[severityRank(severityOfRank(severityOf(part)))]?.push(part);
    else addUndecided(part, undecided, notes);
  };
  let unchecked = 0;
  for (const ofName of byName(parts)) {
    const [first] = ofName;
    if (ofName.length === 1 && first !== undefined) add(withKnownEpoch(first));
    else for (const pair of pairsOf(ofName)) add(pair.map(withKnownEpoch).reduce(strongerOf));
    unchecked += ofName.length;
    if (unchecked < RANGES_PER_CHECK) continue;
    unchecked = 0;
    if (turns.areDue()) await turns.take();
  }
  const worstFirst: Match[] = [];
  for (const ofSeverity of matches.toReversed()) {
    for (const part of partsOf(ofSeverity, MATCHES_PER_TURN)) {
      for (const each of part) worstFirst.push(matchOf(each));
      if (turns.areDue()) await turns.take();
    }
  }
  return {
    matches: worstFirst,
    undecided: undecided.toSorted((one, other) => textOrder(one.feed, other.feed)),
    notes,
  };
}

/** Returns the matches of rows, in the order of the rows. */
export async function laterMatchesOfRows(rows: readonly PartRow[]): Promise<readonly Match[]> {
  return (await partsOfRows(rows)).map(matchOf);
}

/**
 * Returns the weight of a range that contains a package. Of the ranges of a vulnerability, the range with the lowest
 * weight is used ({@link verdictsOfRows}). The factor exceeds the length of every product name.
 *
 * @param cpe the product that the range is limited to; empty for all products
 * @param isOfSource whether the range is for the source package, for rpm
 */
export function matchWeight(cpe: string, isOfSource: boolean): number {
  return ((cpe === '' ? 0 : 2) + (isOfSource ? 1 : 0)) * 1000 - cpe.length;
}

/** Groups ranges by the name of their vulnerability, in the order of the names. */
function byName(matches: readonly MatchPart[]): readonly (readonly MatchPart[])[] {
  const names: MatchPart[][] = [];
  for (const match of matches) (names[match.vulnerability.place] ??= []).push(match);
  // Position 0 has no matches, and `filter` skips the empty element.
  return names.filter((ofName) => ofName.length > 0);
}

/**
 * Groups the ranges of one vulnerability name by package, then by vulnerability. Compares positions, because comparing
 * names hundreds of thousands of times is slow.
 */
function pairsOf(ofName: readonly MatchPart[]): readonly (readonly MatchPart[])[] {
  const placed = ofName.toSorted(
    (one, other) => one.feature.place - other.feature.place || one.vulnerability.id - other.vulnerability.id,
  );
  const pairs: MatchPart[][] = [];
  for (const match of placed) {
    const pair = pairs.at(-1);
    const first = pair?.[0];
    if (first?.vulnerability === match.vulnerability && first.feature === match.feature) pair?.push(match);
    else pairs.push([match]);
  }
  return pairs;
}

/**
 * Marks a range as undecided if only the unknown epoch of the package decides whether the range contains the package.
 */
function withKnownEpoch(part: MatchPart): MatchPart {
  const { feature, range } = part;
  const end = { fixed: range.fixed, lastAffected: range.range.lastAffected, isOfSource: isForSource(part) };
  if (!dependsOnEpoch(feature.of, end) || !isFinding(range.status)) return part;
  return { ...part, range: { ...range, status: 'undetermined' } };
}

function strongerOf(one: MatchPart, other: MatchPart): MatchPart {
  const { status } = other.range;
  if (!isFinding(status)) return !isFinding(one.range.status) && status < one.range.status ? other : one;
  if (!isFinding(one.range.status)) return other;
  const difference = matchWeight(one.cpe, isForSource(one)) - matchWeight(other.cpe, isForSource(other));
  if (difference !== 0) return difference < 0 ? one : other;
  const match = matchOf(one);
  return widestMatch(match, matchOf(other)) === match ? one : other;
}

function isForSource({ range }: MatchPart): boolean {
  return range.range.role === 'source';
}

function severityOf({ vulnerability, severity }: MatchPart): number {
  return severity === 0 ? vulnerability.nvdSeverity : severity;
}

function matchOf(part: MatchPart): Match {
  const { vulnerability, feature, range, severity } = part;
  return {
    vulnerability: vulnerability.of,
    namespace: range.namespace,
    severity: severityOfRank(severityOf(part)),
    severityFrom: severity === 0 && vulnerability.nvdSeverity > 0 ? 'nvd' : range.severityFrom,
    status: range.status,
    fixed: range.fixed,
    range: range.range,
    feature: feature.of,
    originDepth: feature.originDepth,
  };
}

function addUndecided(part: MatchPart, undecided: Undecided[], notes: Note[]): void {
  const { namespace, status, fixed } = part.range;
  const { of: feature, originDepth } = part.feature;
  const { of: vulnerability } = part.vulnerability;
  const kind = noteKindOf(status);
  if (kind !== undefined) {
    notes.push({ kind, vulnerability, namespace, fixed, feature, originDepth });
    return;
  }
  const { feed, name } = vulnerability;
  undecided.push({ feed, vulnerability: name, namespace, status, feature, originDepth });
}
