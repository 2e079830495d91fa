import type { Advisory } from '../../../model/advisories/advisory.ts';
import { readAffected, readAliases } from './affected-rows.ts';
import type { Queries } from '../../engines/engine.ts';
import { readNvdSeverities, withNvdSeverity } from '../enrichments/nvd-severities.ts';
import { type StoredRows, storedRows } from '../stored-rows.ts';

export type StoredVulnerability = {
  readonly id: number;
  readonly name: string;
  readonly content_hash: Uint8Array;
};

/** The number of vulnerabilities that a statement reads, with their affected packages. */
export const VULNERABILITIES_PER_QUERY = 100;

/** Reads the stored vulnerabilities of a feed by ascending name. */
export function storedVulnerabilities(queries: Queries, feed: string): StoredRows<StoredVulnerability> {
  return storedRows(
    (after, limit) => queries.all<StoredVulnerability>(SELECT_STORED, [feed, after, limit]),
    ({ name }) => name,
  );
}

/**
 * Returns the stored vulnerability of a feed with this name; undefined if no vulnerability with this name is stored.
 */
export async function findStoredVulnerability(
  queries: Queries,
  feed: string,
  name: string,
): Promise<StoredVulnerability | undefined> {
  return await queries.get<StoredVulnerability>(SELECT_STORED_ONE, [feed, name]);
}

/** Returns the stored vulnerabilities of a feed with these names; names that are not stored are absent from the map. */
export async function findStoredVulnerabilities(
  queries: Queries,
  feed: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, StoredVulnerability>> {
  const found = new Map<string, StoredVulnerability>();
  for (const slice of slicesOf(names)) {
    // With a fixed number of parameters, the text of the statement stays the same, so it is prepared only once.
    const padded = Array.from({ length: VULNERABILITIES_PER_QUERY }, (_, at) => slice[at] ?? slice.at(-1) ?? null);
    for (const row of await queries.all<StoredVulnerability>(SELECT_STORED_NAMED, [feed, ...padded])) {
      found.set(row.name, row);
    }
  }
  return found;
}

/**
 * Reads stored vulnerabilities as advisories with all affected packages, in the order of `ids`, one slice at a time;
 * skips missing vulnerabilities.
 */
export async function* storedAdvisories(
  queries: Queries,
  ids: readonly number[],
): AsyncGenerator<{ readonly id: number; readonly advisory: Advisory }> {
  for (const slice of slicesOf(ids)) {
    const [rows, aliases, affected] = await Promise.all([
      queries.all<TextRow>(SELECT_TEXTS, [JSON.stringify(slice)]),
      readAliases(queries, slice),
      readAffected(queries, slice),
    ]);
    const texts = new Map(rows.map((row) => [row.id, row]));
    for (const id of slice) {
      const row = texts.get(id);
      if (row === undefined) continue;
      const { name, link, description } = row;
      const names = aliases.get(id);
      const advisory = {
        id: name,
        link,
        description,
        ...(names && { aliases: names }),
        affected: affected.get(id) ?? [],
      };
      yield { id, advisory };
    }
  }
}

/** Returns a stored advisory; undefined if the advisory is missing. */
export async function readStoredAdvisory(queries: Queries, id: number): Promise<Advisory | undefined> {
  for await (const { advisory } of storedAdvisories(queries, [id])) return advisory;
  return undefined;
}

/**
 * Reads advisories as {@link storedAdvisories} does, with the NVD severity for packages that the feed does not rate.
 */
export async function* ratedAdvisories(
  queries: Queries,
  ids: readonly number[],
): AsyncGenerator<{ readonly id: number; readonly advisory: Advisory }> {
  for (const slice of slicesOf(ids)) {
    const severities = await readNvdSeverities(queries, slice);
    for await (const { id, advisory } of storedAdvisories(queries, slice)) {
      yield { id, advisory: { ...advisory, affected: withNvdSeverity(advisory.affected, severities.get(id)) } };
    }
  }
}

/** Returns an advisory of {@link ratedAdvisories}; undefined if the advisory is missing. */
export async function readRatedAdvisory(queries: Queries, id: number): Promise<Advisory | undefined> {
  for await (const { advisory } of ratedAdvisories(queries, [id])) return advisory;
  return undefined;
}

/** Splits a list into slices for one statement each. */
export function* slicesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += VULNERABILITIES_PER_QUERY) {
    yield items.slice(start, start + VULNERABILITIES_PER_QUERY);
  }
}

type TextRow = {
  readonly id: number;
  readonly name: string;
  readonly link: string;
  readonly description: string;
};

/** Parameters: the feed, the name to start after, and the limit. */
export const SELECT_STORED: string = `
SELECT id, name, content_hash
FROM vulnerability
WHERE feed = ? AND name > ?
ORDER BY name
LIMIT ?`;

const SELECT_STORED_ONE = 'SELECT id, name, content_hash FROM vulnerability WHERE feed = ? AND name = ?';

/** Parameters: the feed and {@link VULNERABILITIES_PER_QUERY} names. */
export const SELECT_STORED_NAMED: string = `
SELECT id, name, content_hash
FROM vulnerability
WHERE feed = ? AND name IN (${Array.from({ length: VULNERABILITIES_PER_QUERY }, () => '?').join(', ')})
ORDER BY name`;

/** Parameter: the ids as a JSON list. */
export const SELECT_TEXTS: string = `
SELECT id, name, link, description
FROM vulnerability
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))`;
