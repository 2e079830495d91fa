import type { Match, Undecided, Verdicts } from '../model/match.ts';
import { type SeverityOrigin, severityOfRank } from '../model/severity.ts';
import type { Package } from '../model/package.ts';
import { NOT_FINDINGS, type Status } from '../model/status.ts';
import { packageOfRow, type PackageRow } from './package-rows.ts';
import { NVD_SEVERITY } from './nvd-severities.ts';
import { textOrder } from '../model/text-order.ts';
import { widestMatch } from './widest-match.ts';

/**
 * A query for what affects packages, or may do so, with all that is told of it, in one statement and so of one moment. A vulnerability has some hundred
 * characters, and most images have several packages of a source: what is told of each vulnerability, package and stream comes
 * once, and not with each of their pairs, which takes twice the time.
 *
 * @param matched SQL that gives `vulnerability`, `package` and `stream` by their ids, and the columns of a match
 * @param first the common table expressions that it uses
 */
export function matchesInParts(first: string, matched: string): string {
  return `
WITH RECURSIVE ${first}, matched AS MATERIALIZED (${matched})
SELECT
  'match' AS part, vulnerability AS id, package, stream, severity, origin_depth,
  severity_from AS a, status AS b, fixed AS c, cpe AS d, introduced AS e, last_affected AS f,
  NULL AS g, NULL AS h
FROM matched
UNION ALL
SELECT
  'vulnerability', vulnerability.id, 0, 0, CASE WHEN known.least = 0 THEN ${NVD_SEVERITY} ELSE 0 END, 0,
  vulnerability.source, vulnerability.name, vulnerability.link, vulnerability.description,
  (
    SELECT json_group_array(vulnerability_alias.name ORDER BY vulnerability_alias.name)
    FROM vulnerability_alias
    WHERE vulnerability_alias.vulnerability = vulnerability.id
  ), NULL, NULL, NULL
FROM (SELECT vulnerability AS id, MIN(severity) AS least FROM matched GROUP BY vulnerability) AS known
  CROSS JOIN vulnerability
WHERE vulnerability.id = known.id
UNION ALL
SELECT
  'package', package.id, 0, 0, package.has_module, 0,
  package.kind, package.name, package.version, package.arch, package.source_name, package.source_version,
  package.vendor, package.module
FROM (SELECT DISTINCT package AS id FROM matched) AS known CROSS JOIN package
WHERE package.id = known.id
UNION ALL
SELECT 'stream', stream.id, 0, 0, stream.of_source, 0, namespace.name, stream.name, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT DISTINCT stream AS id FROM matched) AS known CROSS JOIN stream CROSS JOIN namespace
WHERE stream.id = known.id AND namespace.id = stream.namespace`;
}

/** A row of {@link matchesInParts}: of what it is a part says what its columns hold. */
export type PartRow = MatchPart | VulnerabilityPart | PackagePart | StreamPart;

type MatchPart = {
  readonly part: 'match';
  /** Of the vulnerability. */
  readonly id: number;
  readonly package: number;
  readonly stream: number;
  readonly severity: number;
  readonly origin_depth: number;
  readonly a: SeverityOrigin;
  readonly b: Status;
  readonly c: string | null;
  /** The product that it is limited to; empty for none. */
  readonly d: string;
  readonly e: string | null;
  readonly f: string | null;
};

type VulnerabilityPart = {
  readonly part: 'vulnerability';
  readonly id: number;
  /** Its rank by the NVD, where a match has no severity; 0 for none. */
  readonly severity: number;
} & Texts<'a' | 'b' | 'c' | 'd' | 'e'>;

type PackagePart = { readonly part: 'package'; readonly id: number } & {
  /** Whether it has a module. */
  readonly severity: 0 | 1;
  readonly a: PackageRow['kind'];
} & Texts<'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h'>;

type StreamPart = { readonly part: 'stream'; readonly id: number } & {
  /** Whether its name is that of a source. */
  readonly severity: 0 | 1;
} & Texts<'a' | 'b'>;

type Texts<Names extends string> = Readonly<Record<Names, string>>;

/**
 * Puts the parts together. Matches come the worst first, then by the names of vulnerabilities and packages; what is undecided
 * by source, and then by the same.
 */
export function verdictsOfRows(rows: readonly PartRow[]): Verdicts {
  const pairs: MatchPart[] = [];
  const vulnerabilities: Known<Match['vulnerability']>[] = [];
  const nvdSeverities = new Map<number, number>();
  const packages: Known<PackageRow>[] = [];
  /** One object for all matches of a package: large images have hundreds of thousands. */
  const packageById = new Map<number, Package>();
  const streams = new Map<number, StreamPart>();
  for (const row of rows) {
    if (row.part === 'match') pairs.push(row);
    else if (row.part === 'vulnerability') {
      vulnerabilities.push({ id: row.id, of: vulnerabilityOfPart(row) });
      nvdSeverities.set(row.id, row.severity);
    } else if (row.part === 'package') {
      const of = packageRowOfPart(row);
      packages.push({ id: row.id, of });
      packageById.set(row.id, packageOfRow(of));
    } else streams.set(row.id, row);
  }
  const rankedVulnerabilities = ranked(vulnerabilities, byName);
  const rankedPackages = ranked(packages, byPackage);
  const all = pairs.map((row): Pair => {
    const stream = partAt(streams, row.stream);
    const vulnerability = partAt(rankedVulnerabilities, row.id);
    const installed = partAt(rankedPackages, row.package);
    const byNvd = row.severity === 0 ? (nvdSeverities.get(row.id) ?? 0) : 0;
    const severity = byNvd === 0 ? row.severity : byNvd;
    const match: Match = {
      vulnerability: vulnerability.of,
      namespace: stream.a,
      severity: severityOfRank(severity),
      severityFrom: byNvd === 0 ? row.a : 'nvd',
      status: row.b,
      fixed: row.c,
      range: {
        name: stream.b,
        ...(stream.severity === 1 && { by: 'source' as const }),
        introduced: row.e,
        lastAffected: row.f,
      },
      package: partAt(packageById, row.package),
      originDepth: row.origin_depth,
    };
    return {
      key: `${row.id} ${row.package}`,
      match,
      severity,
      vulnerability: vulnerability.rank,
      package: installed.rank,
      weight: matchWeight(row.d, stream.severity === 1),
    };
  });
  const decided = all.filter(isDecided);
  return {
    matches: distinct(decided)
      .toSorted(byOrder)
      .map(({ match }) => match),
    undecided: undecidedOf(
      all.filter((pair) => !isDecided(pair)),
      new Set(decided.map(({ key }) => key)),
    ),
  };
}

/**
 * How much what is said of a package counts beside what else the same vulnerability says of it, the lower the more: see
 * {@link distinct}. No name of a product is as long as the steps between.
 *
 * @param cpe the product that it is limited to; empty for none
 * @param isOfSource whether it is said, of rpm, of the source of the package
 */
export function matchWeight(cpe: string, isOfSource: boolean): number {
  return ((cpe === '' ? 0 : 2) + (isOfSource ? 1 : 0)) * 1000 - cpe.length;
}

type Known<Of> = { readonly id: number; readonly of: Of };

type Pair = {
  /** Of the vulnerability and the package. */
  readonly key: string;
  readonly match: Match;
  /** Its rank. */
  readonly severity: number;
  /** Its place in the order of the vulnerabilities. */
  readonly vulnerability: number;
  /** Its place in the order of the packages. */
  readonly package: number;
  readonly weight: number;
};

function isDecided({ match }: Pair): boolean {
  return !NOT_FINDINGS.includes(match.status);
}

/** What the source says of another stream of the package decides; of several states the first counts. */
function undecidedOf(pairs: readonly Pair[], decided: ReadonlySet<string>): readonly Undecided[] {
  const found = new Map<string, Pair>();
  for (const pair of pairs) {
    const known = found.get(pair.key);
    if (decided.has(pair.key) || (known !== undefined && known.match.status <= pair.match.status)) continue;
    found.set(pair.key, pair);
  }
  return [...found.values()].toSorted(bySource).map(({ match }) => ({
    source: match.vulnerability.source,
    vulnerability: match.vulnerability.name,
    namespace: match.namespace,
    status: match.status,
    package: match.package,
    originDepth: match.originDepth,
  }));
}

/**
 * What is said of the source of a package gives way to what is said of the package itself, and what is said of it in one
 * product to what is said of it in general, or else in a narrower product. Of what is left the widest counts.
 */
function distinct(pairs: readonly Pair[]): readonly Pair[] {
  const chosen = new Map<string, Pair>();
  for (const pair of pairs) {
    const known = chosen.get(pair.key);
    if (known === undefined || pair.weight < known.weight) chosen.set(pair.key, pair);
    else if (pair.weight === known.weight && widestMatch(known.match, pair.match) === pair.match) {
      chosen.set(pair.key, pair);
    }
  }
  return [...chosen.values()];
}

/** By id, each with its place in an order; equal ones have the same place. */
function ranked<Of>(
  items: readonly Known<Of>[],
  compare: (a: Known<Of>, b: Known<Of>) => number,
): ReadonlyMap<number, { readonly of: Of; readonly rank: number }> {
  const sorted = items.toSorted(compare);
  const found = new Map<number, { of: Of; rank: number }>();
  let rank = 0;
  for (const [at, item] of sorted.entries()) {
    const before = sorted[at - 1];
    if (before !== undefined && compare(before, item) !== 0) rank += 1;
    found.set(item.id, { of: item.of, rank });
  }
  return found;
}

function byName(a: Known<Match['vulnerability']>, b: Known<Match['vulnerability']>): number {
  return textOrder(a.of.name, b.of.name);
}

/** As `PACKAGE_ORDER` does. */
function byPackage({ of: a, id: idOfA }: Known<PackageRow>, { of: b, id: idOfB }: Known<PackageRow>): number {
  return (
    textOrder(a.name, b.name) ||
    textOrder(a.arch, b.arch) ||
    textOrder(a.version, b.version) ||
    textOrder(a.vendor, b.vendor) ||
    a.has_module - b.has_module ||
    textOrder(a.module, b.module) ||
    idOfA - idOfB
  );
}

function byOrder(a: Pair, b: Pair): number {
  return b.severity - a.severity || byNames(a, b);
}

function byNames(a: Pair, b: Pair): number {
  return a.vulnerability - b.vulnerability || a.package - b.package;
}

function bySource(a: Pair, b: Pair): number {
  return textOrder(a.match.vulnerability.source, b.match.vulnerability.source) || byNames(a, b);
}

function vulnerabilityOfPart({
  a: source,
  b: name,
  c: link,
  d: description,
  e,
}: VulnerabilityPart): Match['vulnerability'] {
  return { source, name, link, description, aliases: JSON.parse(e) };
}

function packageRowOfPart({ severity, a, b, c, d, e, f, g, h }: PackagePart): PackageRow {
  return {
    kind: a,
    name: b,
    version: c,
    arch: d,
    source_name: e,
    source_version: f,
    vendor: g,
    has_module: severity,
    module: h,
  };
}

function partAt<Of>(parts: ReadonlyMap<number, Of>, id: number): Of {
  const part = parts.get(id);
  if (part === undefined) throw new Error(`a match refers to ${id}, of which nothing is told`);
  return part;
}
