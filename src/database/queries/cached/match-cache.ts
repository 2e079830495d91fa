import { traitsOf } from '../../../ecosystems/index.ts';
import type { Feature } from '../../../model/feature.ts';
import type { Verdicts } from '../../../model/report/match.ts';
import type { Queries } from '../../engines/engine.ts';
import { textOrder } from '../../../model/text-order.ts';
import { createTurns } from '../../../threads/turns.ts';
import { DATA_STATE } from '../images/data-revision.ts';
import { detailsOf } from '../layers/feature-rows.ts';
import { ENDED } from '../matches/ended-releases.ts';
import {
  type FeaturePart,
  type MatchPart,
  partAt,
  type PartRow,
  partsOfRows,
  placedVulnerabilities,
  type VulnerabilityPart,
} from '../matches/match-parts.ts';
import { MATCH_COLUMNS, matchesInParts, verdictsOfParts } from '../matches/match-rows.ts';
import { meetsProduct, ruleSql } from '../matches/matching-rules.ts';
import { type Installed, ownIdentity } from './installed-rows.ts';

/** The matches of features, by the identity of the feature, for one state of the data of feeds. */
export type MatchCache = {
  /**
   * Returns the cached matches for a state; removes all matches for other states.
   *
   * @param ended the releases past their end of life (`endedReleaseList`)
   */
  readonly at: (state: string, ended: string) => CachedMatches;
  /** Removes all matches if they exceed the maximum size. */
  readonly limit: () => void;
};

type CachedMatches = {
  readonly state: string;
  readonly ended: string;
  readonly features: Map<string, CachedFeature>;
  readonly vulnerabilities: Map<number, CachedVulnerability>;
  bytes: number;
};

type CachedFeature = {
  /** Undefined without matches. */
  readonly of: Feature | undefined;
  readonly matches: readonly CachedMatch[];
};

/** A range that contains a feature; the products of the layer decide whether the range applies. */
type CachedMatch = Pick<MatchPart, 'range' | 'severity' | 'cpe'> & { readonly vulnerability: number };

type CachedVulnerability = Omit<VulnerabilityPart, 'place'>;

/** The number of features or matches between two reads of the clock. */
const ITEMS_PER_CHECK = 500;

/** Creates an empty cache. @param maxBytes the maximum of the estimated size */
export function createMatchCache(maxBytes: number): MatchCache {
  let current: CachedMatches | undefined;
  return {
    at(state, ended) {
      if (current?.state !== state || current.ended !== ended) {
        current = { state, ended, features: new Map(), vulnerabilities: new Map(), bytes: 0 };
      }
      return current;
    },
    limit() {
      if (current !== undefined && current.bytes > maxBytes) current = undefined;
    },
  };
}

/**
 * Returns the matches, the undecided pairs and the notes of the features installed at a layer. Reads the matches of
 * features that are not in the cache.
 *
 * @returns undefined if the data of feeds has changed, or a feature was removed, since the installed features were read
 */
export async function cachedVerdicts(
  read: Queries,
  cache: MatchCache,
  installed: Installed,
  ended: string,
): Promise<Verdicts | undefined> {
  const cached = cache.at(installed.state, ended);
  const { rows, engine } = installed;
  const missing = new Map<number, string>();
  const known = rows.map(({ id, identity, mayMatch }) => {
    if (mayMatch === false) return NO_MATCHES;
    const feature = cached.features.get(identity);
    if (feature === undefined) missing.set(id, identity);
    return feature;
  });
  if (missing.size === 0) return await verdictsOfParts(await partsOf(cached, installed, known));
  if (!(await readMatches(read, cached, missing, engine))) return undefined;
  // This call still uses the removed matches.
  cache.limit();
  const features = rows.map(({ identity }) => cached.features.get(identity));
  return await verdictsOfParts(await partsOf(cached, installed, features));
}

/**
 * Adds the matches of features, given their identities by id. Returns false if the data of feeds has changed or the ids
 * no longer belong to these features. A removed feature, which has no matches, may later be stored again.
 */
async function readMatches(
  read: Queries,
  cached: CachedMatches,
  missing: ReadonlyMap<number, string>,
  engine: Installed['engine'],
): Promise<boolean> {
  const values = [cached.ended, JSON.stringify([...missing.keys()])];
  const rows = await read.all<PartRow | CheckRow>(SELECT_MATCHES[engine], values);
  const checked = new Map(rows.filter(isCheckRow).map(({ part, list }) => [part, list ?? '']));
  if (checked.get('state') !== cached.state || checked.get('identities') !== identitiesOf(missing, engine))
    return false;
  const matches = new Map<number, { readonly of: Feature; readonly matches: CachedMatch[] }>();
  const turns = createTurns();
  for (const [at, { feature, vulnerability, range, severity, cpe }] of (
    await partsOfRows(rows.filter(isPartRow))
  ).entries()) {
    addVulnerability(cached, vulnerability);
    const match = { vulnerability: vulnerability.id, range, severity, cpe };
    const known = matches.get(feature.id);
    if (known === undefined) matches.set(feature.id, { of: Object.freeze(feature.of), matches: [match] });
    else known.matches.push(match);
    if (at % ITEMS_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  for (const [id, identity] of missing) {
    const found = matches.get(id) ?? NO_MATCHES;
    if (!cached.features.has(identity)) cached.bytes += FEATURE_BYTES + found.matches.length * MATCH_BYTES;
    cached.features.set(ownIdentity(identity), found);
  }
  return true;
}

const NO_MATCHES: CachedFeature = { of: undefined, matches: [] };

/** Approximate sizes, without the texts of vulnerabilities. */
const FEATURE_BYTES = 200;
const MATCH_BYTES = 200;
const VULNERABILITY_BYTES = 400;

/**
 * Adds a vulnerability. A statement returns the texts and the NVD severity only if one of its matches needs them, so a
 * later statement may return more than an earlier statement.
 */
function addVulnerability(cached: CachedMatches, { id, of, nvdSeverity }: VulnerabilityPart): void {
  const known = cached.vulnerabilities.get(id);
  if (known?.of === of) return;
  const isLonger = known === undefined || lengthOf(of) > lengthOf(known.of);
  if (!isLonger && nvdSeverity <= known.nvdSeverity) return;
  cached.vulnerabilities.set(id, {
    id,
    of: isLonger ? Object.freeze(of) : known.of,
    nvdSeverity: Math.max(nvdSeverity, known?.nvdSeverity ?? 0),
  });
  // A text with characters outside Latin-1 takes two bytes for each character.
  cached.bytes += VULNERABILITY_BYTES + 2 * lengthOf(of);
}

/** Returns the number of characters of the texts of a vulnerability. */
function lengthOf({ link, description, aliases }: VulnerabilityPart['of']): number {
  return aliases.reduce((sum, alias) => sum + alias.length, link.length + description.length);
}

/** Builds the matches of a layer, as `partsOfRows` does. Other work of the thread can run between features. */
async function partsOf(
  { vulnerabilities }: CachedMatches,
  { rows, products, engine }: Installed,
  features: readonly (CachedFeature | undefined)[],
): Promise<readonly MatchPart[]> {
  const turns = createTurns();
  // A map keeps the order of the rows, which is the order of the features on PostgreSQL.
  const matched = new Map<number, MatchedFeature>();
  for (const [at, { id, originDepth }] of rows.entries()) {
    const { of, matches } = features[at] ?? NO_MATCHES;
    if (of !== undefined && originDepth < (matched.get(id)?.originDepth ?? Infinity)) {
      matched.set(id, { id, of, originDepth, matches });
    }
    if (at % ITEMS_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  const found: { readonly feature: FeaturePart; readonly matches: readonly CachedMatch[] }[] = [];
  const used = new Set<number>();
  for (const { matches, ...feature } of engine === 'sqlite'
    ? [...matched.values()].toSorted(byFeature)
    : matched.values()) {
    const here = products.get(feature.originDepth) ?? NO_PRODUCTS;
    const applying = matches.filter(({ cpe }) => meetsProduct(cpe, here));
    for (const { vulnerability } of applying) used.add(vulnerability);
    found.push({ feature: { ...feature, place: found.length }, matches: applying });
    if (turns.areDue()) await turns.take();
  }
  const placed = placedVulnerabilities([...used].map((id) => ({ ...partAt(vulnerabilities, id), place: 0 })));
  const parts: MatchPart[] = [];
  for (const { feature, matches } of found) {
    for (const { vulnerability, range, severity, cpe } of matches) {
      parts.push({ vulnerability: partAt(placed, vulnerability), feature, range, severity, cpe });
    }
    if (turns.areDue()) await turns.take();
  }
  return parts;
}

const NO_PRODUCTS: ReadonlySet<string> = new Set();

/** Returns the identities in the form of the statement of an engine. */
function identitiesOf(features: ReadonlyMap<number, string>, engine: Installed['engine']): string {
  const byId = [...features].toSorted(([one], [other]) => one - other);
  const joined = byId.map(([, identity]) => identity).join('');
  return engine === 'sqlite' ? joined : Buffer.from(joined, 'latin1').toString('hex');
}

type MatchedFeature = Omit<FeaturePart, 'place'> & { readonly matches: readonly CachedMatch[] };

/** The order `FEATURE_ORDER`. */
function byFeature(one: MatchedFeature, other: MatchedFeature): number {
  return (
    textOrder(one.of.name, other.of.name) ||
    textOrder(traitsOf(one.of).arch ?? '', traitsOf(other.of).arch ?? '') ||
    textOrder(one.of.version, other.of.version) ||
    textOrder(detailsOf(one.of), detailsOf(other.of)) ||
    one.id - other.id
  );
}

/** The state of the data of feeds, or the identities of the features. */
type CheckRow = { readonly part: 'state' | 'identities'; readonly list: string | null };

function isCheckRow(row: PartRow | CheckRow): row is CheckRow {
  return row.part === 'state' || row.part === 'identities';
}

function isPartRow(row: PartRow | CheckRow): row is PartRow {
  return !isCheckRow(row);
}

/**
 * The matches of features, whatever the products of the layer, the state of the data of feeds, and the identities of
 * the features, by ascending id. Parameters: the releases past their end of life, and the ids of the features as a JSON
 * list.
 */
const SELECT_MATCHES: Readonly<Record<Installed['engine'], string>> = {
  postgres: selectMatches("encode(string_agg(feature.identity, ''::bytea ORDER BY feature.id), 'hex')"),
  sqlite: selectMatches("group_concat(hex(feature.identity), '' ORDER BY feature.id)"),
};

/** @param identities an SQL expression that joins the identities in the order of the ids */
function selectMatches(identities: string): string {
  return `${matchesInParts(
    `${ENDED}, wanted (feature) AS MATERIALIZED (
  SELECT CAST(listed.value AS BIGINT) FROM json_each(?) AS listed
  WHERE CASE WHEN listed.value = '' THEN 0 ELSE 1 END = 1
)`,
    `
  SELECT feature.id AS feature, 0 AS origin_depth, ${MATCH_COLUMNS}
  FROM wanted
    CROSS JOIN feature_point
    CROSS JOIN affected
    CROSS JOIN feature
  WHERE feature_point.feature = wanted.feature
    AND affected.line = feature_point.line
    AND ${ruleSql(['start', 'end'])}
    AND feature.id = wanted.feature
    AND ${ruleSql(['owner', 'architecture', 'module'])}`,
  )}
UNION ALL
SELECT 'state', ${DATA_STATE}
UNION ALL
SELECT 'identities', ${identities}
FROM wanted CROSS JOIN feature
WHERE feature.id = wanted.feature`;
}
