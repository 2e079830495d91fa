import type { Advisory } from '../model/advisory.ts';
import { readAffected, readAliases } from './affected-rows.ts';
import type { Queries } from './engine.ts';
import { type StoredRows, storedRows } from './stored-rows.ts';

/** A vulnerability as it is stored. */
export type StoredVulnerability = {
  readonly id: number;
  readonly name: string;
  readonly link: string;
  readonly description: string;
  readonly content_hash: Uint8Array;
};

/** The stored vulnerabilities of a source by ascending name. */
export function storedVulnerabilities(queries: Queries, source: string): StoredRows<StoredVulnerability> {
  return storedRows(
    (after, limit) => queries.all<StoredVulnerability>(SELECT_STORED, [source, after, limit]),
    ({ name }) => name,
  );
}

/** The stored vulnerability of a source with that name. */
export async function findStoredVulnerability(
  queries: Queries,
  source: string,
  name: string,
): Promise<StoredVulnerability | undefined> {
  return await queries.get<StoredVulnerability>(SELECT_STORED_ONE, [source, name]);
}

/** A stored vulnerability as the advisory that it was made of, with all that it affects. */
export async function readStoredAdvisory(queries: Queries, stored: StoredVulnerability): Promise<Advisory> {
  const { id, name, link, description } = stored;
  const aliases = await readAliases(queries, id);
  const affected = await readAffected(queries, id);
  return { id: name, link, description, ...(aliases.length > 0 && { aliases }), affected };
}

const SELECT_STORED = `
SELECT id, name, link, description, content_hash
FROM vulnerability
WHERE source = ? AND name > ?
ORDER BY name
LIMIT ?`;

const SELECT_STORED_ONE = `
SELECT id, name, link, description, content_hash FROM vulnerability WHERE source = ? AND name = ?`;
