import { setImmediate } from 'node:timers/promises';
import type { EnrichmentKind } from '../model/enrichment.ts';
import type { Engine, InsertTarget, Queries, SqlValue } from './engine.ts';
import type { OrderedEnrichment } from './enrichment-order.ts';
import { writeSourceState } from './source-state-row.ts';
import type { EnrichmentUpdate, UpdateCounts } from './store.ts';
import { type StoredEnrichment, storedEnrichments } from './stored-enrichments.ts';

/** How many enrichments are compared before the new ones are written, and other work of the process gets its turn. */
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
        if (value !== null) differences.add(cve, value);
      } else {
        await differences.compare(present, value);
        present = await stored.next();
      }
      turn = (turn + 1) % ENRICHMENTS_PER_TURN;
      if (turn === 0) {
        await differences.write();
        await setImmediate();
      }
    }
    if (isWhole) {
      for (; present !== undefined; present = await stored.next()) await differences.withdraw(present.cve);
    }
    await differences.write();
    const total = await queries.get<{ count: number }>(COUNT_ENRICHMENTS, [update.kind]);
    await writeSourceState(queries, update, total?.count ?? 0);
    return differences.counts;
  }, alone);
}

type EnrichmentDifferences = {
  readonly add: (cve: string, value: string) => void;
  readonly compare: (stored: StoredEnrichment, value: OrderedEnrichment['value']) => Promise<void>;
  readonly withdraw: (cve: string) => Promise<void>;
  /** Writes the rows that were added. */
  readonly write: () => Promise<void>;
  readonly counts: UpdateCounts;
};

function createDifferences(queries: Queries, kind: EnrichmentKind): EnrichmentDifferences {
  const counts = { added: 0, changed: 0, withdrawn: 0, unchanged: 0 };
  let rows: SqlValue[][] = [];

  async function withdraw(cve: string): Promise<void> {
    counts.withdrawn += 1;
    await queries.run('DELETE FROM enrichment WHERE kind = ? AND cve = ?', [kind, cve]);
  }

  return {
    counts,
    withdraw,
    add(cve, value) {
      counts.added += 1;
      rows.push([kind, cve, value]);
    },
    async compare(stored, value) {
      if (value === null) {
        await withdraw(stored.cve);
      } else if (value === stored.value) {
        counts.unchanged += 1;
      } else {
        counts.changed += 1;
        await queries.run('UPDATE enrichment SET value = ? WHERE kind = ? AND cve = ?', [value, kind, stored.cve]);
      }
    },
    async write() {
      await queries.insertMany(ENRICHMENTS, rows);
      rows = [];
    },
  };
}

const ENRICHMENTS: InsertTarget = { table: 'enrichment', columns: ['kind', 'cve', 'value'] };

const COUNT_ENRICHMENTS = 'SELECT COUNT(*) AS count FROM enrichment WHERE kind = ?';
