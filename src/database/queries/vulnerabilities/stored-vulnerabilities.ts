import type { Advisory } from '../../../model/advisories/advisory.ts';
import { readAffected, readAliases } from './affected-rows.ts';
import type { Queries } from '../../engines/engine.ts';
import { readNvdSeverities, withNvdSeverity } from '../enrichments/nvd-severities.ts';
import { type StoredRows, storedRows } from '../stored-rows.ts';

/** A vulnerability that is stored, as an update looks for it: whether it is still the same. */
export type StoredVulnerability = {
  readonly id: number;
  readonly name: string;
  readonly content_hash: Uint8Array;
};

/** How many of them are looked up, or read with all that they affect, by one statement. */
export const VULNERABILITIES_PER_QUERY = 100;

/** The stored vulnerabilities of a feed by ascending name. */
export function storedVulnerabilities(queries: Queries, feed: string): StoredRows<StoredVulnerability> {
  return storedRows(
    (after, limit) => queries.all<StoredVulnerability>(SELECT_STORED, [feed, after, limit]),
    ({ name }) => name,
  );
}

/** The stored vulnerability of a feed with that name. */
export async function findStoredVulnerability(
  queries: Queries,
  feed: string,
  name: string,
): Promise<StoredVulnerability | undefined> {
  return await queries.get<StoredVulnerability>(SELECT_STORED_ONE, [feed, name]);
}

/** The stored vulnerabilities of a feed with these names; those that are not there are absent. */
export async function findStoredVulnerabilities(
  queries: Queries,
  feed: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, StoredVulnerability>> {
  const found = new Map<string, StoredVulnerability>();
  for (const slice of slicesOf(names)) {
    // Always as many, so that the statement is always the same; the last name stands for those that are missing.
    const padded = Array.from({ length: VULNERABILITIES_PER_QUERY }, (_, at) => slice[at] ?? slice.at(-1) ?? null);
    for (const row of await queries.all<StoredVulnerability>(SELECT_STORED_NAMED, [feed, ...padded])) {
      found.set(row.name, row);
    }
  }
  return found;
}

/**
 * Reads stored vulnerabilities as the advisories that they were made of, with all that they affect, in the order of their
 * ids in the list; only some of them are in memory. One that is not there is passed over.
 */
export async function* storedAdvisories(
  queries: Queries,
  ids: readonly number[],
): AsyncGenerator<{ readonly id: number; readonly advisory: Advisory }> {
  for (const slice of slicesOf(ids)) {
    const rows = await queries.all<TextRow>(SELECT_TEXTS, [JSON.stringify(slice)]);
    const texts = new Map(rows.map((row) => [row.id, row]));
    const aliases = await readAliases(queries, slice);
    const affected = await readAffected(queries, slice);
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

/** Reads one of them; undefined when it is not there. */
export async function readStoredAdvisory(queries: Queries, id: number): Promise<Advisory | undefined> {
  for await (const { advisory } of storedAdvisories(queries, [id])) return advisory;
  return undefined;
}

/** The same with the severities that count: what the feed does not rate has the severity of the NVD's scores. */
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

/** Reads one of them; undefined when it is not there. */
export async function readRatedAdvisory(queries: Queries, id: number): Promise<Advisory | undefined> {
  for await (const { advisory } of ratedAdvisories(queries, [id])) return advisory;
  return undefined;
}

/** Parts of a list, as many items each as one statement takes. */
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

/** Takes the feed, the name to start after, and the number of rows. */
export const SELECT_STORED: string = `
SELECT id, name, content_hash
FROM vulnerability
WHERE feed = ? AND name > ?
ORDER BY name
LIMIT ?`;

const SELECT_STORED_ONE = 'SELECT id, name, content_hash FROM vulnerability WHERE feed = ? AND name = ?';

/** Takes the feed and {@link VULNERABILITIES_PER_QUERY} names. */
export const SELECT_STORED_NAMED: string = `
SELECT id, name, content_hash
FROM vulnerability
WHERE feed = ? AND name IN (${Array.from({ length: VULNERABILITIES_PER_QUERY }, () => '?').join(', ')})
ORDER BY name`;

/** Takes the ids as a JSON list. */
export const SELECT_TEXTS: string = `
SELECT id, name, link, description
FROM vulnerability
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))`;
