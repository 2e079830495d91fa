import { schemeIn } from '../../../ecosystems/feed-scheme.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import { createFeedUpdates, LOGGED_CHANGES } from '../change-log/feed-updates.ts';
import { createAffectedRows, deleteAffected } from './affected-rows.ts';
import type { InsertTarget, Queries, SqlValue, TransactionQueries, UpdateTarget } from '../../engines/engine.ts';
import type { FeedUpdate, UpdateCounts } from '../../contracts/vulnerabilities.ts';
import { ratedAdvisories, type StoredVulnerability } from './stored-vulnerabilities.ts';

/** The number of differences from which the collected differences are written together. */
const DIFFERENCES_PER_WRITE = 500;

/**
 * The number of affected intervals that are sorted and written together. The number is large, so that fewer pages are
 * written twice.
 */
const AFFECTED_BATCH_ROWS = 100_000;

/** Collects the differences of an update and writes them in batches. */
export type FeedDifferences = {
  readonly add: (advisory: OrderedAdvisory) => void;
  readonly change: (stored: StoredVulnerability, advisory: OrderedAdvisory) => void;
  readonly withdraw: (stored: StoredVulnerability) => void;
  /** Writes the collected differences if they fill a batch. Must be called after each few advisories. */
  readonly writeBatch: () => Promise<void>;
  readonly end: () => Promise<void>;
  /** The number of added, changed and withdrawn advisories so far. */
  readonly counts: Omit<UpdateCounts, 'unchanged'>;
  /**
   * The numbers of advisories per namespace. `gained` counts added and changed advisories in their new form; `lost`
   * counts changed and withdrawn advisories in their old form. A namespace may be in both maps.
   */
  readonly namespaces: { readonly gained: ReadonlyMap<string, number>; readonly lost: ReadonlyMap<string, number> };
};

/** A difference; an added vulnerability has no id yet. */
type Difference =
  | { readonly kind: 'added'; readonly name: string; readonly advisory: Advisory; readonly contentHash: Uint8Array }
  | {
      readonly kind: 'changed';
      readonly name: string;
      readonly id: number;
      readonly advisory: Advisory;
      readonly contentHash: Uint8Array;
    }
  | { readonly kind: 'withdrawn'; readonly name: string; readonly id: number };

/** Creates the collector of the differences of an update, which writes in the transaction of the update. */
export async function createDifferences(queries: TransactionQueries, update: FeedUpdate): Promise<FeedDifferences> {
  const { feed, scheme, at } = update;
  const affectedRows = createAffectedRows(queries, (namespace) => schemeIn(scheme, namespace));
  const counts = { added: 0, changed: 0, withdrawn: 0 };
  const gained = new Map<string, number>();
  const lost = new Map<string, number>();
  let found: Difference[] = [];
  const isInitial = await isFirstUpdate(queries, update);
  const updateOf = createFeedUpdates(queries, at);

  function note(difference: Difference): void {
    counts[difference.kind] += 1;
    found.push(difference);
  }

  async function writeFound(): Promise<void> {
    const differences = found;
    found = [];
    const areMany = differences.length >= DIFFERENCES_PER_WRITE && differences.every((each) => each.kind === 'added');
    if (!areMany) await writeLog(differences);
    const changed = differences.filter((each) => each.kind === 'changed');
    await deleteGone(
      differences.filter((each) => each.kind === 'withdrawn'),
      changed,
    );
    await queries.updateMany(
      CHANGED_VULNERABILITIES,
      changed.map(({ id, advisory: { link, description }, contentHash }) => [id, link, description, contentHash]),
    );
    const added = await insertAdded(differences.filter((each) => each.kind === 'added'));
    if (areMany) await logAdded(added);
    await collectAffected([...changed, ...added]);
    if (affectedRows.size() >= AFFECTED_BATCH_ROWS) await affectedRows.write();
  }

  /** Writes the change log. Reads the previous advisories, so it must run before all other writes. */
  async function writeLog(differences: readonly Difference[]): Promise<void> {
    const stored = differences.flatMap((each) => (each.kind === 'added' ? [] : [each.id]));
    const before = new Map<number, string>();
    for await (const { id, advisory } of ratedAdvisories(queries, stored)) {
      countNamespaces(advisory, lost);
      before.set(id, JSON.stringify(advisory));
    }
    if (differences.length === 0) return;
    const id = await updateOf(feed);
    await queries.insertMany(
      LOGGED_CHANGES,
      differences.map((each) => {
        const text = each.kind === 'added' ? null : (before.get(each.id) ?? null);
        return [feed, each.name, each.kind, text, at, isInitial, id];
      }),
    );
  }

  /**
   * Writes the change log of many added advisories, whose ids ascend. The database copies the names, which takes a third
   * of the time of {@link writeLog}.
   */
  async function logAdded(added: readonly Written[]): Promise<void> {
    const ids = [added[0]?.id ?? 0, added.at(-1)?.id ?? 0];
    await queries.insertSelected(LOGGED_CHANGES, SELECT_ADDED, [at, isInitial, await updateOf(feed), ...ids, feed]);
  }

  /** Deletes dependent rows with one statement per table, because cascading keys would delete them one at a time. */
  async function deleteGone(withdrawn: readonly Stored[], changed: readonly Stored[]): Promise<void> {
    const ids = [...withdrawn, ...changed].map(({ id }) => id);
    await deleteAffected(queries, ids);
    await queries.deleteMany(
      { table: 'vulnerability_alias', key: ['vulnerability'] },
      ids.map((id) => [id]),
    );
    await queries.deleteMany(
      { table: 'vulnerability', key: ['id'] },
      withdrawn.map(({ id }) => [id]),
    );
  }

  async function insertAdded(added: readonly Added[]): Promise<readonly Written[]> {
    const ids = await queries.newIds('vulnerability', added.length);
    const written: Written[] = [];
    const rows: SqlValue[][] = [];
    for (const [place, { name, advisory, contentHash }] of added.entries()) {
      const id = ids[place] ?? Number.NaN;
      written.push({ id, advisory });
      rows.push([id, feed, name, advisory.link, advisory.description, contentHash]);
    }
    await queries.insertMany(VULNERABILITIES, rows);
    return written;
  }

  async function collectAffected(written: readonly Written[]): Promise<void> {
    const aliases: SqlValue[][] = [];
    for (const { id, advisory } of written) {
      affectedRows.add(id, advisory.affected);
      for (const alias of advisory.aliases ?? []) aliases.push([alias, id]);
    }
    await queries.insertMany(ALIASES, aliases);
  }

  function readNew(advisory: OrderedAdvisory): Advisory {
    const read = advisory.read();
    countNamespaces(read, gained);
    return read;
  }

  return {
    counts,
    namespaces: { gained, lost },
    add(advisory) {
      note({ kind: 'added', name: advisory.id, advisory: readNew(advisory), contentHash: advisory.contentHash });
    },
    change({ id, name }, advisory) {
      note({ kind: 'changed', id, name, advisory: readNew(advisory), contentHash: advisory.contentHash });
    },
    withdraw: ({ id, name }) => note({ kind: 'withdrawn', id, name }),
    async writeBatch() {
      if (found.length >= DIFFERENCES_PER_WRITE) await writeFound();
    },
    async end() {
      await writeFound();
      await affectedRows.write();
    },
  };
}

/** Counts an advisory once for each of its namespaces. */
function countNamespaces({ affected }: Advisory, counts: Map<string, number>): void {
  // Advisories have few namespaces, so a list is faster than a set.
  const counted: string[] = [];
  for (const { namespace } of affected) {
    if (counted.includes(namespace)) continue;
    counted.push(namespace);
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
}

type Added = Extract<Difference, { readonly kind: 'added' }>;

type Stored = { readonly id: number };
type Written = Stored & Pick<Added, 'advisory'>;

/**
 * Returns 1 for the first complete update of a feed, otherwise 0. In the first update, all advisories are new and cause
 * no notifications.
 */
export async function isFirstUpdate(
  queries: Queries,
  { feed, scope = 'all' }: Pick<FeedUpdate, 'feed' | 'scope'>,
): Promise<0 | 1> {
  if (scope !== 'all') return 0;
  const state = await queries.get<{ last_success: number | null }>(SELECT_LAST_SUCCESS, [feed]);
  return (state?.last_success ?? null) === null ? 1 : 0;
}

const VULNERABILITIES: InsertTarget = {
  table: 'vulnerability',
  columns: ['id', 'feed', 'name', 'link', 'description', 'content_hash'],
};

const CHANGED_VULNERABILITIES: UpdateTarget = {
  table: 'vulnerability',
  key: ['id'],
  columns: ['link', 'description', 'content_hash'],
};

const ALIASES: InsertTarget = { table: 'vulnerability_alias', columns: ['name', 'vulnerability'] };

/**
 * Parameters: the time, whether the update is the first one, the id of the update, the first and the last id, and the
 * feed. On PostgreSQL, other transactions may insert vulnerabilities of other feeds between these ids. The concatenation
 * keeps SQLite from the index of all vulnerabilities of the feed.
 */
export const SELECT_ADDED: string = `
SELECT feed, name, 'added', NULL, CAST(? AS BIGINT), CAST(? AS INTEGER), CAST(? AS BIGINT)
FROM vulnerability
WHERE id BETWEEN ? AND ? AND feed || '' = ?
ORDER BY id`;

const SELECT_LAST_SUCCESS = 'SELECT last_success FROM feed_state WHERE feed = ?';
