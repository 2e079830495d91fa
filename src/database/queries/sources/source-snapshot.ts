import { setImmediate } from 'node:timers/promises';
import type { EnrichmentKind } from '../../../model/enrichment.ts';
import type { Engine, Queries } from '../../engines/engine.ts';
import { readRepositories } from './repository-store.ts';
import { readSources } from './source-store.ts';
import type { SourceSnapshot, StoredAdvisory } from '../../contracts/source-snapshot.ts';
import { type StoredEnrichment, storedEnrichments } from '../enrichments/stored-enrichments.ts';
import { storedAdvisories, storedVulnerabilities } from '../vulnerabilities/stored-vulnerabilities.ts';

/** How many advisories or enrichments are read before other work of the process gets its turn. */
const READ_PER_TURN = 1000;

/** Reads the sources, and on demand what they say, as they are at one moment: in one read transaction. */
export async function readSourceSnapshot<T>(
  engine: Engine,
  read: (snapshot: SourceSnapshot) => Promise<T>,
): Promise<T> {
  return await engine.snapshot(async (queries) => {
    const sources = await readSources(queries);
    return await read({
      sources,
      advisories: (source) => advisoriesOf(queries, source),
      repositories: (source) => readRepositories(queries, source),
      enrichments: (kind) => enrichmentsOf(queries, kind),
    });
  });
}

async function* advisoriesOf(queries: Queries, source: string): AsyncGenerator<StoredAdvisory> {
  const stored = storedVulnerabilities(queries, source);
  for (;;) {
    const hashes = new Map<number, Uint8Array>();
    while (hashes.size < READ_PER_TURN) {
      const each = await stored.next();
      if (each === undefined) break;
      hashes.set(each.id, each.content_hash);
    }
    if (hashes.size === 0) return;
    for await (const { id, advisory } of storedAdvisories(queries, [...hashes.keys()])) {
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
