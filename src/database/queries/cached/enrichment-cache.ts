import { LRUCache } from 'lru-cache';
import { ENRICHMENT_FEEDS, type EnrichmentKind, type Enrichments } from '../../../model/enrichment.ts';
import type { Queries } from '../../engines/engine.ts';
import {
  createListReader,
  ENRICHMENT_KINDS,
  selectValues,
  type ValueLists,
  valueLists,
} from '../enrichments/enrichment-lists.ts';
import { DATA_STATE } from '../images/data-revision.ts';

/**
 * The enrichments of CVEs and the feeds of namespaces, for one state of this data ({@link stateOfEnrichments}). Images
 * share most of their CVEs, so most reports need no round trip to the server for them.
 */
export type EnrichmentCache = {
  state: string;
  readonly enrichments: LRUCache<string, CachedEnrichments>;
  /** The names of the feeds that cover a namespace, in order. */
  readonly feeds: LRUCache<string, readonly string[]>;
};

/** Undefined for a CVE without enrichments. */
type CachedEnrichments = { readonly of: Enrichments | undefined };

/**
 * An SQL expression for the state of the EPSS scores, as a text, on PostgreSQL. EPSS scores change daily and do not
 * change `DATA_STATE`, but each update of these scores writes the state of their feed: `xmin` is the transaction that
 * wrote it. After a standby without the last changes has replaced the server, another transaction can have the same
 * number, but not at the same time.
 */
export const EPSS_STATE: string = `COALESCE((
  SELECT CAST(xmin AS TEXT) || ' ' || last_attempt FROM feed_state WHERE feed = '${ENRICHMENT_FEEDS.epss}'
), '')`;

/** The state of the enrichments and of the namespaces of feeds, as a text. NVD and KEV data change `DATA_STATE`. */
const ENRICHMENT_STATE = `${DATA_STATE} || ' ' || ${EPSS_STATE}`;

/**
 * Returns the value of {@link ENRICHMENT_STATE}.
 *
 * @param state the value of `DATA_STATE`
 * @param epss the value of {@link EPSS_STATE}
 */
export function stateOfEnrichments(state: string, epss: string): string {
  return `${state} ${epss}`;
}

/** The maximum number of namespaces. */
const MAX_NAMESPACES = 1000;

/** Creates an empty cache. @param maxBytes the maximum of the estimated size of the enrichments */
export function createEnrichmentCache(maxBytes: number): EnrichmentCache {
  return {
    state: '',
    enrichments: new LRUCache({ maxSize: maxBytes }),
    feeds: new LRUCache({ max: MAX_NAMESPACES }),
  };
}

/**
 * Returns the enrichments of CVEs, in the order of the CVEs. Reads enrichments that are not in the cache.
 *
 * @param state the state of the data that the report has read
 * @returns undefined if the data has changed since the state was read
 */
export async function cachedEnrichments(
  read: Queries,
  cache: EnrichmentCache,
  state: string,
  cves: readonly string[],
): Promise<ReadonlyMap<string, Enrichments> | undefined> {
  enterState(cache, state);
  const entries = new Map(cves.map((cve) => [cve, cache.enrichments.get(cve)]));
  const missing = [...entries].flatMap(([cve, entry]) => (entry === undefined ? cve : []));
  if (missing.length > 0) {
    const readList = createListReader();
    for await (const lists of valueLists<EnrichmentLists>(read, SELECT_ENRICHMENTS, missing)) {
      if (lists.state !== state) return undefined;
      readList(lists, (cve, of, length) => {
        const entry: CachedEnrichments = { of: of && Object.freeze(of) };
        entries.set(cve, entry);
        // A concurrent report may have read another state.
        if (cache.state === state) cache.enrichments.set(cve, entry, { size: bytesOf(of, length) });
      });
    }
  }
  const found = new Map<string, Enrichments>();
  for (const [cve, entry] of entries) if (entry?.of !== undefined) found.set(cve, entry.of);
  return found;
}

/** The approximate sizes of an entry and of its EPSS score and KEV entry. */
const ENTRY_BYTES = 100;
const VALUE_BYTES = 400;

/** The parsed scores take several times the space of their text. */
function bytesOf(of: Enrichments | undefined, length: number): number {
  return of === undefined ? ENTRY_BYTES : ENTRY_BYTES + VALUE_BYTES + 4 * length;
}

/**
 * Returns the names of the feeds that cover a namespace, in order.
 *
 * @param state the state of the data that the report has read
 * @returns undefined if the data has changed since the state was read
 */
export async function cachedCovering(
  read: Queries,
  cache: EnrichmentCache,
  state: string,
  namespace: string,
): Promise<readonly string[] | undefined> {
  enterState(cache, state);
  const known = cache.feeds.get(namespace);
  if (known !== undefined) return known;
  const lists = await read.get<{ feeds: string | null; state: string }>(SELECT_COVERING, [namespace]);
  if (lists?.state !== state) return undefined;
  const feeds: readonly string[] = Object.freeze(JSON.parse(lists.feeds ?? '[]'));
  // A concurrent report may have read another state.
  if (cache.state === state) cache.feeds.set(namespace, feeds);
  return feeds;
}

/** Removes the data of another state. */
function enterState(cache: EnrichmentCache, state: string): void {
  if (cache.state === state) return;
  cache.enrichments.clear();
  cache.feeds.clear();
  cache.state = state;
}

type EnrichmentLists = ValueLists<EnrichmentKind> & { readonly state: string };

/** Parameter: the CVEs as a JSON list. */
const SELECT_ENRICHMENTS = selectValues(ENRICHMENT_KINDS, `, ${ENRICHMENT_STATE} AS state`);

/** Parameter: the namespace. */
const SELECT_COVERING = `
SELECT
  (
    SELECT CAST(json_group_array(feed) AS TEXT)
    FROM (SELECT feed FROM feed_namespace WHERE namespace = ? ORDER BY feed) AS covering
  ) AS feeds,
  ${ENRICHMENT_STATE} AS state`;
