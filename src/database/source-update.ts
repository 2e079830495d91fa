import { setImmediate } from 'node:timers/promises';
import type { Engine, Queries } from './engine.ts';
import { createDifferences, type SourceDifferences, type StoredVulnerability } from './source-differences.ts';
import type { SourceUpdate, UpdateCounts } from './store.ts';

/** How many advisories are compared before what was found is written, and other work of the process gets its turn. */
const ADVISORIES_PER_TURN = 1000;

/** How many stored vulnerabilities are read at a time while they are compared with the feed. */
const STORED_PAGE_SIZE = 1000;

/**
 * Makes the stored data of a source what its advisories say, in one transaction: the feed and the stored rows are
 * walked side by side in the order of their identifiers, and only differences are written.
 */
export async function updateSource(engine: Engine, update: SourceUpdate): Promise<UpdateCounts> {
  return await engine.transaction(async (queries) => {
    const differences = await createDifferences(queries, update);
    const stored = storedVulnerabilities(queries, update.source);
    let present = await stored.next();
    let unchanged = 0;
    let previous = '';
    let turn = 0;
    for (const advisory of update.advisories) {
      if (advisory.id <= previous) throw new Error(`${advisory.id} comes after ${previous}: not in ascending order`);
      previous = advisory.id;
      while (present !== undefined && present.name < advisory.id) {
        await differences.withdraw(present);
        present = await stored.next();
      }
      if (present?.name !== advisory.id) {
        await differences.add(advisory);
      } else {
        if (advisory.contentHash.equals(present.content_hash)) unchanged += 1;
        else await differences.change(present, advisory);
        present = await stored.next();
      }
      turn = (turn + 1) % ADVISORIES_PER_TURN;
      if (turn === 0) {
        await differences.write({ isLast: false });
        await setImmediate();
      }
    }
    while (present !== undefined) {
      await differences.withdraw(present);
      present = await stored.next();
    }
    await differences.write({ isLast: true });
    const counts = { ...differences.counts, unchanged };
    await writeState(queries, update, counts.added + counts.changed + unchanged);
    await writeNamespaces(queries, update.source, differences.namespaces);
    return counts;
  });
}

/** The stored vulnerabilities of a source by ascending name, a page at a time; undefined at the end. */
function storedVulnerabilities(
  queries: Queries,
  source: string,
): { readonly next: () => Promise<StoredVulnerability | undefined> } {
  let page: readonly StoredVulnerability[] = [];
  let at = 0;
  let last = '';
  let ended = false;
  return {
    async next() {
      if (at === page.length && !ended) {
        page = await queries.all<StoredVulnerability>(SELECT_STORED, [source, last, STORED_PAGE_SIZE]);
        at = 0;
        last = page.at(-1)?.name ?? last;
        ended = page.length < STORED_PAGE_SIZE;
      }
      const row = page[at];
      if (row !== undefined) at += 1;
      return row;
    },
  };
}

async function writeState(queries: Queries, update: SourceUpdate, vulnerabilities: number): Promise<void> {
  const { source, fetcherVersion, at, etag, lastModified, unclear } = update;
  const examples = JSON.stringify(unclear.examples);
  await queries.run(UPSERT_STATE, [
    source,
    fetcherVersion,
    at,
    at,
    etag,
    lastModified,
    vulnerabilities,
    unclear.count,
    examples,
  ]);
}

/** A namespace that lost something is looked at: it may have been the last. */
async function writeNamespaces(
  queries: Queries,
  source: string,
  { gained, lost }: SourceDifferences['namespaces'],
): Promise<void> {
  await queries.insertMany(
    { table: 'source_namespace', columns: ['source', 'namespace'], skipExisting: true },
    [...gained].map((namespace) => [source, namespace]),
  );
  for (const namespace of lost) {
    if (gained.has(namespace)) continue;
    await queries.run(DELETE_NAMESPACE, [source, namespace, namespace, source]);
  }
}

const SELECT_STORED = `
SELECT id, name, link, description, content_hash
FROM vulnerability
WHERE source = ? AND name > ?
ORDER BY name
LIMIT ?`;

const DELETE_NAMESPACE = `
DELETE FROM source_namespace
WHERE source = ? AND namespace = ? AND NOT EXISTS (
  SELECT 1
  FROM namespace
    CROSS JOIN stream
    CROSS JOIN affected
    CROSS JOIN vulnerability
  WHERE namespace.name = ?
    AND stream.namespace = namespace.id
    AND affected.stream = stream.id
    AND vulnerability.id = affected.vulnerability
    AND vulnerability.source = ?
)`;

const UPSERT_STATE = `
INSERT INTO source_state (
  source, fetcher_version, last_attempt, last_success, error, etag, last_modified,
  vulnerabilities, unclear_count, unclear
)
VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?, ?)
ON CONFLICT (source) DO UPDATE SET
  fetcher_version = excluded.fetcher_version,
  last_attempt = excluded.last_attempt,
  last_success = excluded.last_success,
  error = NULL,
  etag = excluded.etag,
  last_modified = excluded.last_modified,
  vulnerabilities = excluded.vulnerabilities,
  unclear_count = excluded.unclear_count,
  unclear = excluded.unclear`;
