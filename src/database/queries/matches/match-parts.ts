import type { Match } from '../../../model/report/match.ts';
import { type Feature } from '../../../model/feature.ts';
import type { SeverityOrigin } from '../../../model/severity.ts';
import type { Status } from '../../../model/advisories/status.ts';
import { textOrder } from '../../../model/text-order.ts';
import { featureOfRow, type FeatureRow } from '../layers/feature-rows.ts';

/** A row of `matchesInParts`; `part` decides what its columns hold. */
export type PartRow = MatchPart | VulnerabilityPart | FeaturePart | LinePart;

export type MatchPart = {
  readonly part: 'match';
  /** Of the vulnerability. */
  readonly id: number;
  readonly feature: number;
  readonly line: number;
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

type FeaturePart = { readonly part: 'feature'; readonly id: number; readonly d: string | null } & Texts<
  'a' | 'b' | 'c' | 'e'
>;

export type LinePart = { readonly part: 'line'; readonly id: number } & Texts<'a' | 'b' | 'c'>;

type Texts<Names extends string> = Readonly<Record<Names, string>>;

/** The rows of one query, by what they describe. */
export type MatchParts = {
  readonly pairs: readonly MatchPart[];
  /** By id, with the position in the order of names. */
  readonly vulnerabilities: ReadonlyMap<number, Ranked<Match['vulnerability']>>;
  readonly features: ReadonlyMap<number, Ranked<Feature>>;
  readonly lines: ReadonlyMap<number, LinePart>;
  /** The ranks of the NVD's severities, for vulnerabilities that have a match without a severity. */
  readonly nvdSeverities: ReadonlyMap<number, number>;
};

type Ranked<Of> = { readonly of: Of; readonly rank: number };

/** Separates rows by part. All matches of a feature share one object: large images have hundreds of thousands of matches. */
export function partsOfRows(rows: readonly PartRow[]): MatchParts {
  const pairs: MatchPart[] = [];
  const vulnerabilities: Known<Match['vulnerability']>[] = [];
  const nvdSeverities = new Map<number, number>();
  const features: Known<FeatureRow>[] = [];
  const lines = new Map<number, LinePart>();
  for (const row of rows) {
    if (row.part === 'match') pairs.push(row);
    else if (row.part === 'vulnerability') {
      vulnerabilities.push({ id: row.id, of: vulnerabilityOfPart(row) });
      if (row.severity !== 0) nvdSeverities.set(row.id, row.severity);
    } else if (row.part === 'feature') features.push({ id: row.id, of: featureRowOfPart(row) });
    else lines.set(row.id, row);
  }
  return {
    pairs,
    vulnerabilities: ranked(vulnerabilities, byName, (of) => of),
    features: ranked(features, byFeature, featureOfRow),
    lines,
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

/** As `FEATURE_ORDER` does: SQLite and PostgreSQL put features without an architecture at different ends, so they compare as empty. */
function byFeature({ of: a, id: idOfA }: Known<FeatureRow>, { of: b, id: idOfB }: Known<FeatureRow>): number {
  return (
    textOrder(a.name, b.name) ||
    textOrder(a.arch ?? '', b.arch ?? '') ||
    textOrder(a.version, b.version) ||
    textOrder(a.details, b.details) ||
    idOfA - idOfB
  );
}

function vulnerabilityOfPart({
  a: feed,
  b: name,
  c: link,
  d: description,
  e,
}: VulnerabilityPart): Match['vulnerability'] {
  return { feed, name, link, description, aliases: JSON.parse(e) };
}

function featureRowOfPart({ a: type, b: name, c: version, d: arch, e: details }: FeaturePart): FeatureRow {
  return { type, name, version, arch, details };
}
