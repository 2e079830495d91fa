import type { Match, Undecided, Verdicts } from '../../../model/report/match.ts';
import { severityOfRank } from '../../../model/severity.ts';
import { isFinding } from '../../../model/advisories/status.ts';
import { textOrder } from '../../../model/text-order.ts';
import { type MatchPart, type MatchParts, partAt, type PartRow, partsOfRows, type LinePart } from './match-parts.ts';
import { NVD_SEVERITY } from '../enrichments/nvd-severities.ts';
import { widestMatch } from './widest-match.ts';

/**
 * One statement that returns all matches and everything needed to present them, so that they come from one snapshot. Each
 * vulnerability, package and version line is returned once and not with each of its matches, which would take twice the time.
 *
 * @param matched SQL that gives `vulnerability`, `package` and `line` by their ids, and the columns of a match
 * @param first the common table expressions that it uses
 */
export function matchesInParts(first: string, matched: string): string {
  return `
WITH RECURSIVE ${first}, matched AS MATERIALIZED (${matched})
SELECT
  'match' AS part, vulnerability AS id, feature, line, severity, origin_depth,
  severity_from AS a, status AS b, fixed AS c, cpe AS d, introduced AS e, last_affected AS f
FROM matched
UNION ALL
SELECT
  'vulnerability', vulnerability.id, 0, 0, CASE WHEN known.least = 0 THEN ${NVD_SEVERITY} ELSE 0 END, 0,
  vulnerability.feed, vulnerability.name, vulnerability.link, vulnerability.description,
  (
    SELECT json_group_array(vulnerability_alias.name ORDER BY vulnerability_alias.name)
    FROM vulnerability_alias
    WHERE vulnerability_alias.vulnerability = vulnerability.id
  ), NULL
FROM (SELECT vulnerability AS id, MIN(severity) AS least FROM matched GROUP BY vulnerability) AS known
  CROSS JOIN vulnerability
WHERE vulnerability.id = known.id
UNION ALL
SELECT
  'feature', feature.id, 0, 0, 0, 0,
  feature.type, feature.name, feature.version, feature.arch, feature.details, NULL
FROM (SELECT DISTINCT feature AS id FROM matched) AS known CROSS JOIN feature
WHERE feature.id = known.id
UNION ALL
SELECT 'line', line.id, 0, 0, 0, 0, namespace.name, line.name, line.role, NULL, NULL, NULL
FROM (SELECT DISTINCT line AS id FROM matched) AS known CROSS JOIN line CROSS JOIN namespace
WHERE line.id = known.id AND namespace.id = line.namespace`;
}

/**
 * Assembles matches and undecided pairs from rows. Matches are sorted by severity (highest first), then by vulnerability and
 * package name; undecided pairs by feed, then by the same names.
 *
 * Each pair of a vulnerability and a package has one result. A range for all products wins over one for a single
 * product, and a narrower product over a wider one; then a range of the package itself over one of its source package; of the
 * remaining ranges the widest wins. A pair is undecided when none of its ranges decides it; its first state, in alphabetical
 * order, is reported.
 */
export function verdictsOfRows(rows: readonly PartRow[]): Verdicts {
  const parts = partsOfRows(rows);
  const matchOf = createMatches(parts);
  const places = parts.vulnerabilities.size * parts.features.size;
  const matches: Placed[] = [];
  const undecided: Placed[] = [];
  for (const pair of pairsOf(parts.pairs)) {
    const decided = pair.filter(isDecided);
    if (decided.length === 0) {
      const row = pair.reduce((one, other) => (other.b < one.b ? other : one));
      undecided.push({ row, place: placeOf(parts, row) });
    } else {
      const row = decided.reduce((one, other) => strongerOf(one, other, parts, matchOf));
      matches.push({ row, place: placeOf(parts, row) - severityOf(parts, row) * places });
    }
  }
  return {
    matches: matches.toSorted(byPlace).map(({ row }) => matchOf(row)),
    undecided: undecided
      .toSorted(byPlace)
      .map(({ row }) => undecidedOf(matchOf(row)))
      .toSorted((one, other) => textOrder(one.feed, other.feed)),
  };
}

/**
 * Returns the weight of a range that a package lies in. Of several ranges of one vulnerability the one with the lowest weight wins
 * ({@link verdictsOfRows}). The steps are larger than the longest name of a product.
 *
 * @param cpe the product that the range is limited to; empty for none
 * @param isOfSource whether the range is of the source package, for rpm
 */
export function matchWeight(cpe: string, isOfSource: boolean): number {
  return ((cpe === '' ? 0 : 2) + (isOfSource ? 1 : 0)) * 1000 - cpe.length;
}

/** A row with its sort position as a number, because comparing names hundreds of thousands of times is slow. */
type Placed = { readonly row: MatchPart; readonly place: number };

function byPlace(one: Placed, other: Placed): number {
  return one.place - other.place;
}

/** The position in the order of vulnerability and package names. */
function placeOf({ vulnerabilities, features }: MatchParts, row: MatchPart): number {
  return partAt(vulnerabilities, row.id).rank * features.size + partAt(features, row.feature).rank;
}

function isDecided({ b: status }: MatchPart): boolean {
  return isFinding(status);
}

/** Groups rows by vulnerability and package. */
function* pairsOf(rows: readonly MatchPart[]): Generator<readonly MatchPart[]> {
  const sorted = rows.toSorted((one, other) => one.id - other.id || one.feature - other.feature);
  let pair: MatchPart[] = [];
  for (const row of sorted) {
    const [first] = pair;
    if (first !== undefined && (first.id !== row.id || first.feature !== row.feature)) {
      yield pair;
      pair = [];
    }
    pair.push(row);
  }
  if (pair.length > 0) yield pair;
}

function strongerOf(
  one: MatchPart,
  other: MatchPart,
  { lines }: MatchParts,
  matchOf: (row: MatchPart) => Match,
): MatchPart {
  const weightOf = (row: MatchPart): number => matchWeight(row.d, namesSource(partAt(lines, row.line)));
  const difference = weightOf(one) - weightOf(other);
  if (difference !== 0) return difference < 0 ? one : other;
  const match = matchOf(one);
  return widestMatch(match, matchOf(other)) === match ? one : other;
}

function namesSource(line: LinePart): boolean {
  return line.c === 'source';
}

/** The rank of the feed's severity, else of the NVD's. */
function severityOf({ nvdSeverities }: MatchParts, { id, severity }: MatchPart): number {
  return severity === 0 ? (nvdSeverities.get(id) ?? 0) : severity;
}

type SharedFields = Pick<Match, 'namespace' | 'severityFrom' | 'status' | 'fixed' | 'range'>;

/** Creates the function that turns a row into a match. Packages of one source package share most fields, so each combination is kept once. */
function createMatches(parts: MatchParts): (row: MatchPart) => Match {
  const known = new Map<string, SharedFields>();
  return (row) => {
    const isByNvd = row.severity === 0 && parts.nvdSeverities.has(row.id);
    const key = JSON.stringify([row.line, row.a, row.b, row.c, row.e, row.f]);
    let shared = known.get(key);
    if (shared === undefined) {
      shared = sharedFields(row, partAt(parts.lines, row.line));
      known.set(key, shared);
    }
    return {
      vulnerability: partAt(parts.vulnerabilities, row.id).of,
      namespace: shared.namespace,
      severity: severityOfRank(severityOf(parts, row)),
      severityFrom: isByNvd ? 'nvd' : shared.severityFrom,
      status: shared.status,
      fixed: shared.fixed,
      range: shared.range,
      feature: partAt(parts.features, row.feature).of,
      originDepth: row.origin_depth,
    };
  };
}

function sharedFields(
  { a: severityFrom, b: status, c: fixed, e: introduced, f: lastAffected }: MatchPart,
  line: LinePart,
): SharedFields {
  const role = namesSource(line) ? ({ role: 'source' } as const) : {};
  const range = { name: line.b, ...role, introduced, lastAffected };
  return { namespace: line.a, severityFrom, status, fixed, range };
}

function undecidedOf({ vulnerability, namespace, status, feature: of, originDepth }: Match): Undecided {
  const { feed, name } = vulnerability;
  return { feed, vulnerability: name, namespace, status, feature: of, originDepth };
}
