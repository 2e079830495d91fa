import {
  type EnrichmentKind,
  type Enrichments,
  type EnrichmentValues,
  type Epss,
  type Kev,
  nvdEntryOf,
} from '../../../model/enrichment.ts';
import type { Queries } from '../../engines/engine.ts';
import { createTurns } from '../../../threads/turns.ts';
import { partsOf } from '../row-pages.ts';
import type { RowKind } from './enrichment-rows.ts';

/** The number of CVEs per statement; a statement and its result block the thread for about 10 ms. */
const CVES_PER_STATEMENT = 2000;

/** A row of the result of {@link selectValues}. */
export type ValueLists<Kind extends RowKind> = Readonly<Record<'cve' | Kind, string>>;

/**
 * Reads the rows of a statement for the values of CVEs, some CVEs at a time. Other work of the thread can run in
 * between.
 *
 * @param statement a statement whose parameter is a JSON list of CVEs, and which returns one row
 */
export async function* valueLists<Row>(read: Queries, statement: string, cves: readonly string[]): AsyncGenerator<Row> {
  const turns = createTurns();
  for (const part of partsOf([...new Set(cves)], CVES_PER_STATEMENT)) {
    const lists = await read.get<Row>(statement, [JSON.stringify(part)]);
    if (lists !== undefined) yield lists;
    if (turns.areDue()) await turns.take();
  }
}

/**
 * Receives the enrichments of a CVE.
 *
 * @param of undefined for a CVE without enrichments
 * @param length the number of characters of the scores
 */
type EnrichmentsReceiver = (cve: string, of: Enrichments | undefined, length: number) => void;

/** Creates a function that passes the enrichments in lists to a receiver. */
export function createListReader(): (lists: ValueLists<EnrichmentKind>, receive: EnrichmentsReceiver) => void {
  const scoresOf = createScoreReader();
  return (lists, receive) => {
    const names: readonly string[] = JSON.parse(lists.cve);
    const scores = lists.cvss.split(SEPARATOR);
    const epss: readonly (Epss | null)[] = JSON.parse(lists.epss);
    const kev: readonly (Kev | null)[] = JSON.parse(lists.kev);
    // Creating a pair with `entries` for each name would take as long as reading the name.
    let at = 0;
    for (const name of names) {
      const text = scores[at] ?? 'null';
      receive(name, enrichmentsOf(scoresOf(text), epss[at] ?? null, kev[at] ?? null), text.length);
      at += 1;
    }
  };
}

/**
 * Creates the function that returns the scores in the JSON of an NVD entry; undefined without scores. The function reads
 * equal texts once, because most CVEs of an image share their scores and weaknesses with other CVEs.
 */
function createScoreReader(): (text: string) => Enrichments['cvss'] {
  const known = new Map<string, Enrichments['cvss']>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value: EnrichmentValues['cvss'] | null = JSON.parse(text);
    // The NVD lists some CVEs without scores. An older release that runs during an upgrade stores the texts beside them.
    const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
    const scores = isEmpty ? undefined : nvdEntryOf(value).scores;
    known.set(text, scores);
    return scores;
  };
}

/** Returns the enrichments of a CVE; undefined without enrichments. */
function enrichmentsOf(cvss: Enrichments['cvss'], epss: Epss | null, kev: Kev | null): Enrichments | undefined {
  const of: { -readonly [Kind in EnrichmentKind]?: Enrichments[Kind] } = {};
  let isFound = false;
  if (cvss !== undefined) {
    of.cvss = cvss;
    isFound = true;
  }
  if (epss !== null) {
    of.epss = epss;
    isFound = true;
  }
  if (kev !== null) {
    of.kev = kev;
    isFound = true;
  }
  return isFound ? of : undefined;
}

/** Separates the NVD entries of a list; JSON contains this character only as an escape sequence. */
const SEPARATOR = '\u001F';

/** The kinds of the enrichments that reports contain. */
export const ENRICHMENT_KINDS: readonly EnrichmentKind[] = ['cvss', 'epss', 'kev'];

/** {@link selectValues} for the enrichments. */
export const SELECT_ENRICHMENTS: string = selectValues(ENRICHMENT_KINDS);

/**
 * Returns a query for the values of CVEs: one row with a JSON list of the CVEs and, for each kind, a list of the values
 * in the same order, with null for an absent value. The list of `cvss` is not JSON, but has a {@link SEPARATOR} between
 * the values. Both engines return lists much faster than rows. Parameter: the CVEs as a JSON list.
 *
 * @param others other columns, each after a comma
 */
export function selectValues(kinds: readonly RowKind[], others = ''): string {
  return `
SELECT CAST(json_group_array(wanted.value) AS TEXT) AS cve,${kinds.map(listOfKind).join(',')}${others}
FROM json_each(?) AS wanted`;
}

function listOfKind(kind: RowKind): string {
  const joinedBy = (separator: string): string => `string_agg(COALESCE((
    SELECT enrichment.value FROM enrichment WHERE enrichment.kind = '${kind}' AND enrichment.cve = wanted.value
  ), 'null'), '${separator}')`;
  return `
  ${kind === 'cvss' ? joinedBy(SEPARATOR) : `'[' || ${joinedBy(',')} || ']'`} AS ${kind}`;
}
