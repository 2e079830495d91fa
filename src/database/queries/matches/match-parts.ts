import type { Match } from '../../../model/report/match.ts';
import type { Package } from '../../../model/package.ts';
import type { SeverityOrigin } from '../../../model/severity.ts';
import type { Status } from '../../../model/advisories/status.ts';
import { textOrder } from '../../../model/text-order.ts';
import { packageOfRow, type PackageRow } from '../layers/package-rows.ts';

/** A row of `matchesInParts`; `part` decides what its columns hold. */
export type PartRow = MatchPart | VulnerabilityPart | PackagePart | StreamPart;

export type MatchPart = {
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

export type StreamPart = { readonly part: 'stream'; readonly id: number } & {
  /** Whether its name is that of a source. */
  readonly severity: 0 | 1;
} & Texts<'a' | 'b'>;

type Texts<Names extends string> = Readonly<Record<Names, string>>;

/** The rows of one query, by what they describe. */
export type MatchParts = {
  readonly pairs: readonly MatchPart[];
  /** By id, with the position in the order of names. */
  readonly vulnerabilities: ReadonlyMap<number, Ranked<Match['vulnerability']>>;
  readonly packages: ReadonlyMap<number, Ranked<Package>>;
  readonly streams: ReadonlyMap<number, StreamPart>;
  /** The ranks of the NVD's severities, for vulnerabilities that have a match without a severity. */
  readonly nvdSeverities: ReadonlyMap<number, number>;
};

type Ranked<Of> = { readonly of: Of; readonly rank: number };

/** Separates rows by part. All matches of a package share one object: large images have hundreds of thousands of matches. */
export function partsOfRows(rows: readonly PartRow[]): MatchParts {
  const pairs: MatchPart[] = [];
  const vulnerabilities: Known<Match['vulnerability']>[] = [];
  const nvdSeverities = new Map<number, number>();
  const packages: Known<PackageRow>[] = [];
  const streams = new Map<number, StreamPart>();
  for (const row of rows) {
    if (row.part === 'match') pairs.push(row);
    else if (row.part === 'vulnerability') {
      vulnerabilities.push({ id: row.id, of: vulnerabilityOfPart(row) });
      if (row.severity !== 0) nvdSeverities.set(row.id, row.severity);
    } else if (row.part === 'package') packages.push({ id: row.id, of: packageRowOfPart(row) });
    else streams.set(row.id, row);
  }
  return {
    pairs,
    vulnerabilities: ranked(vulnerabilities, byName, (of) => of),
    packages: ranked(packages, byPackage, packageOfRow),
    streams,
    nvdSeverities,
  };
}

/**
 * Returns the part with an id.
 *
 * @throws Error when the query returned none
 */
export function partAt<Of>(parts: ReadonlyMap<number, Of>, id: number): Of {
  const part = parts.get(id);
  if (part === undefined) throw new Error(`the query returned a match that refers to ${id}, but no such part`);
  return part;
}

type Known<Of> = { readonly id: number; readonly of: Of };

/** Returns the items by id, with their position in the order; equal items have the same position. */
function ranked<Of, Made>(
  items: readonly Known<Of>[],
  compare: (a: Known<Of>, b: Known<Of>) => number,
  made: (of: Of) => Made,
): ReadonlyMap<number, Ranked<Made>> {
  const sorted = items.toSorted(compare);
  const found = new Map<number, Ranked<Made>>();
  let rank = 0;
  for (const [at, item] of sorted.entries()) {
    const before = sorted[at - 1];
    if (before !== undefined && compare(before, item) !== 0) rank += 1;
    found.set(item.id, { of: made(item.of), rank });
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
