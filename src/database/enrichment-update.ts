import { setImmediate } from 'node:timers/promises';
import type { EnrichmentKind } from '../model/enrichment.ts';
import type { Engine, InsertTarget, Queries, SqlValue } from './engine.ts';
import type { OrderedEnrichment } from './enrichment-order.ts';
import { checkRecordCount } from './shrink-check.ts';
import { writeSourceState } from './source-state-row.ts';
import type { EnrichmentUpdate, UpdateCounts } from './store.ts';
import { type StoredEnrichment, storedEnrichments } from './stored-enrichments.ts';

/** How many enrichments are compared before other work of the process gets its turn, and how many are written together. */
const ENRICHMENTS_PER_TURN = 2000;

/**
 * Makes the stored enrichments of a kind what their source says, in one transaction: the list and the stored rows are
 * walked side by side in the order of their CVEs, and only differences are written.
 */
export async function updateEnrichments(engine: Engine, update: EnrichmentUpdate): Promise<UpdateCounts> {
  const alone = { alone: `source ${update.source}`, once: true };
  return await engine.transaction(async (queries) => {
    const differences = createDifferences(queries, update.kind);
    const isWhole = update.scope !== 'changed';
    const stored = storedEnrichments(queries, update.kind);
    let present = await stored.next();
    let previous = '';
    let turn = 0;
    for await (const enrichment of update.enrichments) {
      const { cve, value } = enrichment;
      if (cve <= previous) throw new Error(`${cve} comes after ${previous}: not in ascending order`);
      previous = cve;
      while (present !== undefined && present.cve < cve) {
        if (isWhole) await differences.withdraw(present.cve);
        present = await stored.next();
      }
      if (present?.cve !== cve) {
        if (value !== null) await differences.add(cve, value);
      } else {
        await differences.compare(present, value);
        present = await stored.next();
      }
      turn = (turn + 1) % ENRICHMENTS_PER_TURN;
      if (turn === 0) await setImmediate();
    }
    if (isWhole) {
      for (; present !== undefined; present = await stored.next()) await differences.withdraw(present.cve);
    }
    await differences.write();
    const total = await queries.get<{ count: number }>(COUNT_ENRICHMENTS, [update.kind]);
    const records = total?.count ?? 0;
    checkRecordCount(update, records, differences.counts);
    await writeSourceState(queries, update, records);
    return differences.counts;
  }, alone);
}

/** They are collected, and written some thousand at a time. */
type EnrichmentDifferences = {
  readonly add: (cve: string, value: string) => Promise<void>;
  readonly compare: (stored: StoredEnrichment, value: OrderedEnrichment['value']) => Promise<void>;
  readonly withdraw: (cve: string) => Promise<void>;
  /** Writes what is still collected. */
  readonly write: () => Promise<void>;
  readonly counts: UpdateCounts;
};

function createDifferences(queries: Queries, kind: EnrichmentKind): EnrichmentDifferences {
  const counts = { added: 0, changed: 0, withdrawn: 0, unchanged: 0 };
  let added: SqlValue[][] = [];
  let changed: SqlValue[][] = [];
  let withdrawn: SqlValue[][] = [];

  async function note(
    kindOfChange: 'added' | 'changed' | 'withdrawn',
    to: SqlValue[][],
    row: SqlValue[],
  ): Promise<void> {
    counts[kindOfChange] += 1;
    to.push(row);
    if (added.length + changed.length + withdrawn.length >= ENRICHMENTS_PER_TURN) await write();
  }

  async function write(): Promise<void> {
    await queries.insertMany(ENRICHMENTS, added);
    await queries.updateMany({ table: 'enrichment', key: ['kind', 'cve'], columns: ['value'] }, changed);
    await queries.deleteMany({ table: 'enrichment', key: ['kind', 'cve'] }, withdrawn);
    added = [];
    changed = [];
    withdrawn = [];
  }

  return {
    counts,
    write,
    add: (cve, value) => note('added', added, [kind, cve, value]),
    withdraw: (cve) => note('withdrawn', withdrawn, [kind, cve]),
    async compare({ cve, value: before }, value) {
      if (value === null) await note('withdrawn', withdrawn, [kind, cve]);
      else if (value === before) counts.unchanged += 1;
      else await note('changed', changed, [kind, cve, value]);
    },
  };
}

const ENRICHMENTS: InsertTarget = { table: 'enrichment', columns: ['kind', 'cve', 'value'] };

const COUNT_ENRICHMENTS = 'SELECT COUNT(*) AS count FROM enrichment WHERE kind = ?';
