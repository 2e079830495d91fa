import { ClairError } from '../../../errors.ts';
import { createTurns } from '../../../threads/turns.ts';
import { MANUAL_FEED, MAX_DIAGNOSTIC_EXAMPLES, skippedCount } from '../../../model/feed.ts';
import { changesCounts, raiseRevision } from '../images/data-revision.ts';
import type { Engine, Queries } from '../../engines/engine.ts';
import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import { ADVISORIES_OF_NAMESPACE } from './namespace-advisories.ts';
import { updateRepositories } from '../feeds/repository-store.ts';
import { checkNamespaces, checkRecordCount, checkRepositories } from './shrink-check.ts';
import { createDifferences, type FeedDifferences } from './feed-differences.ts';
import { findOutsidePackages, type OutsidePackages } from './outside-packages.ts';
import { storedExamples, writeFeedState } from '../feeds/feed-state-row.ts';
import { checkFingerprint, fingerprintOfFeed } from '../feeds/feed-fingerprint.ts';
import { readFeed } from '../feeds/stored-feeds.ts';
import type { FeedUpdate, UpdateCounts } from '../../contracts/vulnerabilities.ts';
import {
  findStoredVulnerabilities,
  type StoredVulnerability,
  storedVulnerabilities,
  VULNERABILITIES_PER_QUERY,
} from './stored-vulnerabilities.ts';

/**
 * Replaces the stored data of a feed in one transaction; writes only differences.
 *
 * @throws ClairError as `VulnerabilityStore.update`
 */
export async function updateFeed(engine: Engine, update: FeedUpdate): Promise<UpdateCounts> {
  if (update.feed === MANUAL_FEED) {
    throw new ClairError('feed/unknown', `${MANUAL_FEED} is reserved for vulnerabilities created through the API`);
  }
  return await engine.transaction(
    async (queries) => {
      const before = await readFeed(queries, update.feed);
      const differences = await createDifferences(queries, update);
      const comparison = createComparison(differences, await findOutsidePackages(queries, update));
      const compare = update.scope === 'changed' ? compareChanged : compareAll;
      const unchanged = await compare(queries, update, comparison);
      await differences.end();
      const records = await countRecords(queries, update.feed);
      checkRecordCount(update, records, differences.counts);
      await checkNamespaces(queries, update, differences.namespaces);
      await writeState(queries, update, records);
      const { feed, repositories } = update;
      let changedRepositories = 0;
      if (repositories !== undefined && repositories.size > 0) {
        const { stored, changed } = await updateRepositories(queries, feed, repositories);
        checkRepositories(update, stored, repositories.size);
        changedRepositories = changed;
      }
      await writeNamespaces(queries, feed, differences.namespaces);
      const { fingerprint } = update;
      if (fingerprint !== undefined) checkFingerprint(feed, fingerprint, await fingerprintOfFeed(queries, feed));
      const { added, changed, withdrawn } = differences.counts;
      const hasChanged = added + changed + withdrawn + changedRepositories > 0;
      if (hasChanged || changesCounts(before, await readFeed(queries, feed), update.at)) {
        await raiseRevision(queries, 'data');
      }
      return { ...differences.counts, unchanged };
    },
    { alone: `feed ${update.feed}`, once: true },
  );
}

/**
 * Collects the differences between an update and the stored rows, and keeps the packages outside the namespaces of the
 * update.
 */
type Comparison = {
  readonly add: (advisory: OrderedAdvisory) => void;
  /** Returns the advisory with the stored packages that the update keeps; undefined if the update keeps no package. */
  readonly joined: (present: StoredVulnerability, advisory: OrderedAdvisory) => Promise<OrderedAdvisory> | undefined;
  /** Returns 1 for an advisory that is equal to the stored advisory, otherwise 0. */
  readonly change: (present: StoredVulnerability, advisory: OrderedAdvisory) => 0 | 1;
  readonly withdraw: (present: StoredVulnerability) => Promise<void>;
  /** Writes the differences if there are enough. Must be called after each group of advisories. */
  readonly write: () => Promise<void>;
};

function createComparison(differences: FeedDifferences, outside: OutsidePackages | undefined): Comparison {
  return {
    add: differences.add,
    joined: (present, advisory) => (outside?.has(present) === true ? outside.joined(present, advisory) : undefined),
    change(present, advisory) {
      if (advisory.contentHash.equals(present.content_hash)) return 1;
      differences.change(present, advisory);
      return 0;
    },
    async withdraw(present) {
      const rest = await outside?.rest(present);
      if (rest === undefined) differences.withdraw(present);
      else if (rest !== 'untouched') differences.change(present, rest);
      await differences.writeBatch();
    },
    write: differences.writeBatch,
  };
}

/** Walks the feed and the stored rows together in identifier order; returns the number of equal advisories. */
async function compareAll(queries: Queries, update: FeedUpdate, comparison: Comparison): Promise<number> {
  const stored = storedVulnerabilities(queries, update.feed);
  let present = await stored.next();
  let unchanged = 0;
  for await (const group of inTurns(update.advisories)) {
    for (const advisory of group) {
      while (present !== undefined && present.name < advisory.id) {
        await comparison.withdraw(present);
        present = await stored.next();
      }
      if (present?.name !== advisory.id) {
        comparison.add(advisory);
      } else {
        // Await only where needed, because an await takes longer than the comparison.
        const joined = comparison.joined(present, advisory);
        unchanged += comparison.change(present, joined === undefined ? advisory : await joined);
        present = await stored.next();
      }
    }
    await comparison.write();
  }
  while (present !== undefined) {
    await comparison.withdraw(present);
    present = await stored.next();
  }
  return unchanged;
}

/**
 * Writes the differences of a partial update, which keeps all other advisories; returns the number of equal advisories.
 */
async function compareChanged(queries: Queries, update: FeedUpdate, comparison: Comparison): Promise<number> {
  const { feed, gone = [] } = update;
  let unchanged = 0;
  for await (const advisories of inTurns(update.advisories)) {
    const names = advisories.map(({ id }) => id);
    const stored = await findStoredVulnerabilities(queries, feed, names);
    for (const advisory of advisories) {
      const present = stored.get(advisory.id);
      if (present === undefined) {
        comparison.add(advisory);
      } else {
        const joined = comparison.joined(present, advisory);
        unchanged += comparison.change(present, joined === undefined ? advisory : await joined);
      }
    }
    await comparison.write();
  }
  for (const present of (await findStoredVulnerabilities(queries, feed, [...new Set(gone)])).values()) {
    await comparison.withdraw(present);
  }
  return unchanged;
}

/** Yields the advisories in groups, checks their order, and regularly returns to the event loop. */
async function* inTurns(advisories: FeedUpdate['advisories']): AsyncGenerator<readonly OrderedAdvisory[]> {
  const turns = createTurns();
  let previous = '';
  for await (const group of Symbol.iterator in advisories ? groupsOf(advisories) : streamedGroups(advisories)) {
    for (const { id } of group) {
      if (id <= previous) throw new Error(`${id} follows ${previous}, but advisories must be in ascending order`);
      previous = id;
    }
    yield group;
    if (turns.areDue()) await turns.take();
  }
}

/** Groups advisories in memory. An `await` for each advisory, as in {@link streamedGroups}, takes longer than comparing it. */
function* groupsOf(advisories: Iterable<OrderedAdvisory>): Generator<readonly OrderedAdvisory[]> {
  let group: OrderedAdvisory[] = [];
  for (const advisory of advisories) {
    group.push(advisory);
    if (group.length < VULNERABILITIES_PER_QUERY) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

async function* streamedGroups(advisories: AsyncIterable<OrderedAdvisory>): AsyncGenerator<readonly OrderedAdvisory[]> {
  let group: OrderedAdvisory[] = [];
  for await (const advisory of advisories) {
    group.push(advisory);
    if (group.length < VULNERABILITIES_PER_QUERY) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

async function countRecords(queries: Queries, feed: string): Promise<number> {
  return (await queries.get<{ count: number }>(COUNT_STORED, [feed]))?.count ?? 0;
}

/**
 * Writes the state of the feed. A partial update adds its diagnostics to the stored diagnostics, unless it has all
 * diagnostics of the feed.
 */
async function writeState(queries: Queries, update: FeedUpdate, records: number): Promise<void> {
  const { feed, recordDiagnostics } = update;
  const isPart = update.scope === 'changed' && update.hasAllDiagnostics !== true;
  const before = isPart ? await queries.get<RecordDiagnosticsRow>(SELECT_RECORD_DIAGNOSTICS, [feed]) : undefined;
  const known = before === undefined ? [] : storedExamples(before.diagnostics);
  const examples = [...recordDiagnostics.examples, ...known].slice(0, MAX_DIAGNOSTIC_EXAMPLES);
  const count = (before?.diagnostic_count ?? 0) + recordDiagnostics.count;
  const skipped = (before?.skipped_count ?? 0) + skippedCount(recordDiagnostics);
  await writeFeedState(queries, { ...update, recordDiagnostics: { count, skipped, examples } }, records);
}

type RecordDiagnosticsRow = {
  readonly diagnostic_count: number;
  readonly skipped_count: number;
  readonly diagnostics: string;
};

/**
 * Adds and removes the namespaces of the feed. Checks namespaces that lost advisories, because the last advisory of a
 * namespace may have been removed.
 */
async function writeNamespaces(
  queries: Queries,
  feed: string,
  { gained, lost }: FeedDifferences['namespaces'],
): Promise<void> {
  await queries.insertMany(
    { table: 'feed_namespace', columns: ['feed', 'namespace'], skipExisting: true },
    [...gained.keys()].map((namespace) => [feed, namespace]),
  );
  for (const namespace of lost.keys()) {
    if (gained.has(namespace)) continue;
    await queries.run(DELETE_NAMESPACE, [feed, namespace, namespace, feed]);
  }
}

const COUNT_STORED = 'SELECT COUNT(*) AS count FROM vulnerability WHERE feed = ?';

const SELECT_RECORD_DIAGNOSTICS = 'SELECT diagnostic_count, skipped_count, diagnostics FROM feed_state WHERE feed = ?';

const DELETE_NAMESPACE = `
DELETE FROM feed_namespace
WHERE feed = ? AND namespace = ? AND NOT EXISTS ( SELECT 1 ${ADVISORIES_OF_NAMESPACE} )`;
