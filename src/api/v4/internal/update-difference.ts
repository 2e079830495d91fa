import type { Store } from '../../../database/contracts/store.ts';
import type { FeedUpdateRow } from '../../../database/contracts/update-history.ts';
import { createTurns } from '../../../threads/turns.ts';
import { ClairError } from '../../../errors.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { type VulnerabilityBody, distinctIds } from '../vulnerability-report-body.ts';
import { type VulnerabilityFacts, vulnerabilitiesOf } from './advisory-vulnerabilities.ts';

/** The maximum number of changes, of updates and, without an earlier update, of advisories that a difference reads. */
const MAX_CHANGES = 10_000;

/** The maximum total length of the vulnerabilities in a difference, in characters. */
const MAX_LENGTH = 64 * 1024 * 1024;

const CHANGES_PER_PAGE = 500;

type DifferenceStore = Pick<Store, 'changeLog' | 'updateHistory' | 'feedSnapshot' | 'feeds'>;

/**
 * The vulnerabilities that exist only after the later update (`added`) or only after the earlier update (`removed`).
 */
export type Difference = {
  readonly added: readonly VulnerabilityBody[];
  readonly removed: readonly VulnerabilityBody[];
};

/**
 * Returns the difference between two updates of a feed; without `previous`, all vulnerabilities are added.
 *
 * @throws ClairError `request/invalid` if the change log no longer contains all changes since the earlier update, or if
 * the difference is too large
 */
export async function updateDifference(
  store: DifferenceStore,
  previous: FeedUpdateRow | undefined,
  current: FeedUpdateRow,
): Promise<Difference> {
  if (previous === undefined) return await contentsAt(store, current);
  const [earlier, later] = previous.position <= current.position ? [previous, current] : [current, previous];
  const changed = await changedNames(store, later.feed, { after: earlier.position, upTo: later.position });
  const collected = createCollection();
  const turns = createTurns();
  for (const { first, last } of changed.values()) {
    if (turns.areDue()) await turns.take();
    const [start, end] = [await store.changeLog.find(first), await store.changeLog.find(last)];
    // Housekeeping can delete a change after the list was read; the check below then throws an error.
    if (start === undefined || end === undefined) continue;
    collected.add(later.feed, start.before, end.after);
  }
  await requireChangesSince(store, earlier);
  const { added, removed } = collected.all();
  return earlier === previous ? { added, removed } : { added: removed, removed: added };
}

/**
 * Returns all vulnerabilities of a feed after an update. Reads the stored vulnerabilities and undoes the changes since
 * the update.
 */
async function contentsAt(store: DifferenceStore, current: FeedUpdateRow): Promise<Difference> {
  const { feed } = current;
  const count = (await store.feeds.find(feed))?.vulnerabilities ?? 0;
  if (count > MAX_CHANGES) throw tooLarge(`${feed} has ${count} advisories, more than ${MAX_CHANGES}`);
  const advisories = new Map<string, Advisory | null>();
  await store.feedSnapshot(async (snapshot) => {
    for await (const { advisory } of snapshot.ratedAdvisories(feed)) {
      if (advisories.size >= MAX_CHANGES) throw tooLarge(`${feed} has more than ${MAX_CHANGES} advisories`);
      advisories.set(advisory.id, advisory);
    }
  });
  // A change after the snapshot is not in `advisories`, and this loop also undoes such a change.
  const changed = await changedNames(store, feed, { after: current.position, upTo: Number.MAX_SAFE_INTEGER });
  for (const [name, { first }] of changed) {
    const change = await store.changeLog.find(first);
    advisories.set(name, change?.before ?? null);
  }
  await requireChangesSince(store, current);
  const collected = createCollection();
  const turns = createTurns();
  for (const advisory of advisories.values()) {
    if (turns.areDue()) await turns.take();
    collected.add(feed, null, advisory);
  }
  return collected.all();
}

/**
 * Returns the IDs of the first and the last change of each advisory in updates with positions above `after` up to
 * `upTo`.
 */
async function changedNames(
  { updateHistory }: DifferenceStore,
  feed: string,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<ReadonlyMap<string, { readonly first: number; readonly last: number }>> {
  const updates = await updateHistory.between({ feed, after, upTo, limit: MAX_CHANGES + 1 });
  if (updates.length > MAX_CHANGES) throw tooLarge(`there are more than ${MAX_CHANGES} updates`);
  const names = new Map<string, { first: number; last: number }>();
  let count = 0;
  for (const update of updates) {
    for (let last = 0, isWhole = false; !isWhole; ) {
      const changes = await updateHistory.changes(update, { after: last, limit: CHANGES_PER_PAGE });
      count += changes.length;
      if (count > MAX_CHANGES) throw tooLarge(`there are more than ${MAX_CHANGES} changes`);
      for (const { id, name } of changes) {
        const known = names.get(name);
        names.set(name, { first: known?.first ?? id, last: id });
        last = id;
      }
      isWhole = changes.length < CHANGES_PER_PAGE;
    }
  }
  return names;
}

/**
 * Checks that the change log contains all changes since an update. Call this function after reading the change log,
 * because housekeeping can delete changes at any time.
 *
 * @throws ClairError `request/invalid` if housekeeping deleted a change since the update
 */
async function requireChangesSince(
  { updateHistory }: DifferenceStore,
  { feed, at, position }: FeedUpdateRow,
): Promise<void> {
  if (position >= (await updateHistory.completeAfter(feed))) return;
  throw new ClairError(
    'request/invalid',
    `housekeeping removed changes of ${feed} after the operation of ${new Date(at).toISOString()}: use a later operation`,
  );
}

function tooLarge(reason: string): ClairError {
  return new ClairError(
    'request/invalid',
    `the difference is too large: ${reason}; set prev to an operation closer to cur`,
  );
}

function createCollection() {
  const added: VulnerabilityFacts[] = [];
  const removed: VulnerabilityFacts[] = [];
  let length = 0;

  function collect(
    from: ReadonlyMap<string, VulnerabilityFacts>,
    other: ReadonlyMap<string, unknown>,
    to: VulnerabilityFacts[],
  ): void {
    // Several changed ranges of a package can produce equal vulnerabilities, which are listed once.
    const collected = new Set<string>();
    for (const [key, facts] of from) {
      const text = JSON.stringify(facts);
      if (other.has(key) || collected.has(text)) continue;
      collected.add(text);
      length += text.length;
      if (length > MAX_LENGTH) throw tooLarge(`it exceeds ${MAX_LENGTH / 1024 / 1024} MiB`);
      to.push(facts);
    }
  }
  return {
    add(feed: string, before: Advisory | null, after: Advisory | null): void {
      const [former, present] = [vulnerabilitiesOf(feed, before), vulnerabilitiesOf(feed, after)];
      collect(present, former, added);
      collect(former, present, removed);
    },
    all(): Difference {
      return { added: withIds(added), removed: withIds(removed) };
    },
  };
}

function withIds(facts: readonly VulnerabilityFacts[]): VulnerabilityBody[] {
  const newId = distinctIds();
  return facts.map((each) => ({ id: newId(each.name), ...each }));
}
