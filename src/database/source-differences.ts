import { setImmediate } from 'node:timers/promises';
import type { Advisory } from '../model/advisory.ts';
import type { Change } from '../model/source.ts';
import type { OrderedAdvisory } from './advisory-order.ts';
import { AFFECTED, type AffectedValues, createAffectedRows } from './affected-rows.ts';
import type { InsertTarget, Queries, SqlValue, TransactionQueries } from './engine.ts';
import type { SourceUpdate, UpdateCounts } from './store.ts';
import { readStoredAdvisory, type StoredVulnerability } from './stored-vulnerabilities.ts';

/** How many affected intervals are sorted and written together: the more, the fewer pages are touched again. */
const AFFECTED_BATCH_ROWS = 100_000;

/** How many of them are written before other work of the process gets its turn. */
const AFFECTED_ROWS_PER_TURN = 5000;

/** The differences that an update finds, and their rows; new rows are collected until `write`. */
export type SourceDifferences = {
  readonly add: (advisory: OrderedAdvisory) => void;
  readonly change: (stored: StoredVulnerability, advisory: OrderedAdvisory) => Promise<void>;
  readonly withdraw: (stored: StoredVulnerability) => Promise<void>;
  readonly write: (progress: { readonly isLast: boolean }) => Promise<void>;
  /** How many there are of each kind so far. */
  readonly counts: Omit<UpdateCounts, 'unchanged'>;
  /** The namespaces of what was added, and of what was there before; a namespace may be in both. */
  readonly namespaces: { readonly gained: ReadonlySet<string>; readonly lost: ReadonlySet<string> };
};

/** Starts to collect the differences of one update, in its transaction. */
export async function createDifferences(queries: TransactionQueries, update: SourceUpdate): Promise<SourceDifferences> {
  const { source, scheme, at } = update;
  const affectedRows = createAffectedRows(queries, scheme);
  const counts = { added: 0, changed: 0, withdrawn: 0 };
  const gained = new Set<string>();
  const lost = new Set<string>();
  let added: { readonly advisory: Advisory; readonly contentHash: Uint8Array }[] = [];
  let changed: { readonly id: number; readonly advisory: Advisory }[] = [];
  let affected: AffectedValues[] = [];
  let log: SqlValue[][] = [];
  const isInitial = await isFirstUpdate(queries, update);

  function note(kind: Change['kind'], name: string, before: Advisory | null): void {
    counts[kind] += 1;
    for (const { namespace } of before?.affected ?? []) lost.add(namespace);
    log.push([source, name, kind, before === null ? null : JSON.stringify(before), at, isInitial]);
  }

  async function writeAdded(): Promise<void> {
    const ids = await queries.newIds('vulnerability', added.length);
    const rows = added.map((each, place) => ({ ...each, id: ids[place] ?? Number.NaN }));
    await queries.insertMany(
      VULNERABILITIES,
      rows.map(({ id, advisory: { id: name, link, description }, contentHash }) => [
        id,
        source,
        name,
        link,
        description,
        contentHash,
      ]),
    );
    changed.push(...rows);
    added = [];
  }

  async function collectAffected(): Promise<void> {
    await affectedRows.makeStreams(changed.flatMap(({ advisory }) => advisory.affected));
    const aliases: SqlValue[][] = [];
    for (const { id, advisory } of changed) {
      // One by one: a feed may name more packages than a call can have arguments.
      for (const row of await affectedRows.of(id, advisory.affected)) affected.push(row);
      for (const alias of advisory.aliases ?? []) aliases.push([alias, id]);
    }
    await queries.insertMany(ALIASES, aliases);
    changed = [];
  }

  function noteGained({ affected: of }: Advisory): void {
    for (const { namespace } of of) gained.add(namespace);
  }

  return {
    counts,
    namespaces: { gained, lost },
    add({ id: name, contentHash, read }) {
      const advisory = read();
      note('added', name, null);
      noteGained(advisory);
      added.push({ advisory, contentHash });
    },
    async change(stored, { contentHash, read }) {
      const advisory = read();
      note('changed', stored.name, await readStoredAdvisory(queries, stored));
      await queries.run(UPDATE_VULNERABILITY, [advisory.link, advisory.description, contentHash, stored.id]);
      await queries.run('DELETE FROM affected WHERE vulnerability = ?', [stored.id]);
      await queries.run('DELETE FROM vulnerability_alias WHERE vulnerability = ?', [stored.id]);
      noteGained(advisory);
      changed.push({ id: stored.id, advisory });
    },
    async withdraw(stored) {
      note('withdrawn', stored.name, await readStoredAdvisory(queries, stored));
      await queries.run('DELETE FROM vulnerability WHERE id = ?', [stored.id]);
    },
    async write({ isLast }) {
      await writeAdded();
      await collectAffected();
      await queries.insertMany(CHANGES, log);
      log = [];
      if (!isLast && affected.length < AFFECTED_BATCH_ROWS) return;
      // In the order in which they are clustered: neighbours go into the same page.
      const sorted = affected.toSorted(compareAffected);
      affected = [];
      for (let start = 0; start < sorted.length; start += AFFECTED_ROWS_PER_TURN) {
        await queries.insertMany(AFFECTED, sorted.slice(start, start + AFFECTED_ROWS_PER_TURN));
        await setImmediate();
      }
    },
  };
}

/** Whether it is the first one that brings all of a source: then everything is new, which is news to nobody. */
async function isFirstUpdate(queries: Queries, { source, scope = 'all' }: SourceUpdate): Promise<0 | 1> {
  if (scope !== 'all') return 0;
  const state = await queries.get<{ last_success: number | null }>(SELECT_LAST_SUCCESS, [source]);
  return (state?.last_success ?? null) === null ? 1 : 0;
}

function compareAffected(a: AffectedValues, b: AffectedValues): number {
  return a[0] - b[0] || Buffer.compare(a[1], b[1]);
}

const VULNERABILITIES: InsertTarget = {
  table: 'vulnerability',
  columns: ['id', 'source', 'name', 'link', 'description', 'content_hash'],
};

const ALIASES: InsertTarget = { table: 'vulnerability_alias', columns: ['name', 'vulnerability'] };

/** Every change goes there by `insertMany`: it is what numbers rows in the order of commits. */
export const CHANGES: InsertTarget = {
  table: 'change_log',
  columns: ['source', 'name', 'kind', 'before', 'at', 'initial'],
  inOrderOfCommit: true,
};

const SELECT_LAST_SUCCESS = 'SELECT last_success FROM source_state WHERE source = ?';

const UPDATE_VULNERABILITY = `
UPDATE vulnerability SET link = ?, description = ?, content_hash = ? WHERE id = ?`;
