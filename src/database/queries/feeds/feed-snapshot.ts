import { setImmediate } from 'node:timers/promises';
import type { EnrichmentKind } from '../../../model/enrichment.ts';
import type { Engine, Queries } from '../../engines/engine.ts';
import { readRepositories } from './repository-store.ts';
import { fingerprintOfEnrichments, fingerprintOfFeed } from './feed-fingerprint.ts';
import { readFeeds } from './stored-feeds.ts';
import type { FeedSnapshot, StoredAdvisory } from '../../contracts/feed-snapshot.ts';
import { storedEnrichments } from '../enrichments/stored-enrichments.ts';
import type { StoredEnrichment } from '../../contracts/feed-snapshot.ts';
import { ratedAdvisories, storedAdvisories, storedVulnerabilities } from '../vulnerabilities/stored-vulnerabilities.ts';

/** The number of advisories or enrichments that are read per turn of the event loop. */
const READ_PER_TURN = 1000;

/** Reads the feeds, and their contents on demand, in one read transaction. */
export async function readFeedSnapshot<T>(engine: Engine, read: (snapshot: FeedSnapshot) => Promise<T>): Promise<T> {
  return await engine.snapshot(async (queries) => {
    const feeds = await readFeeds(queries);
    return await read({
      feeds,
      advisories: (feed) => advisoriesOf(queries, feed, storedAdvisories),
      ratedAdvisories: (feed) => advisoriesOf(queries, feed, ratedAdvisories),
      repositories: (feed) => readRepositories(queries, feed),
      enrichments: (kind) => enrichmentsOf(queries, kind),
      fingerprint: (feed) => fingerprintOfFeed(queries, feed),
      enrichmentFingerprint: (kind) => fingerprintOfEnrichments(queries, kind),
      namespaces: (feed) => namespacesOf(queries, feed),
    });
  });
}

async function* advisoriesOf(
  queries: Queries,
  feed: string,
  read: typeof storedAdvisories,
): AsyncGenerator<StoredAdvisory> {
  const stored = storedVulnerabilities(queries, feed);
  for (;;) {
    const hashes = new Map<number, Uint8Array>();
    while (hashes.size < READ_PER_TURN) {
      const each = await stored.next();
      if (each === undefined) break;
      hashes.set(each.id, each.content_hash);
    }
    if (hashes.size === 0) return;
    for await (const { id, advisory } of read(queries, [...hashes.keys()])) {
      const contentHash = hashes.get(id);
      if (contentHash !== undefined) yield { advisory, contentHash };
    }
    await setImmediate();
  }
}

async function* enrichmentsOf(queries: Queries, kind: EnrichmentKind): AsyncGenerator<StoredEnrichment> {
  const stored = storedEnrichments(queries, kind);
  let turn = 0;
  for (let each = await stored.next(); each !== undefined; each = await stored.next()) {
    yield each;
    turn = (turn + 1) % READ_PER_TURN;
    if (turn === 0) await setImmediate();
  }
}

async function namespacesOf(queries: Queries, feed: string): Promise<readonly string[]> {
  const rows = await queries.all<{ namespace: string }>(SELECT_NAMESPACES, [feed]);
  return rows.map(({ namespace }) => namespace);
}

const SELECT_NAMESPACES = 'SELECT namespace FROM feed_namespace WHERE feed = ? ORDER BY namespace';
