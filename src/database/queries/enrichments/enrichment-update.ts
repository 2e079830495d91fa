import { setImmediate } from 'node:timers/promises';
import type { EnrichmentKind } from '../../../model/enrichment.ts';
import { changesCounts, raiseRevision } from '../images/data-revision.ts';
import type { Engine, InsertTarget, Queries, SqlValue, UpdateTarget } from '../../engines/engine.ts';
import type { OrderedEnrichment } from '../../contracts/enrichments.ts';
import { createFeedUpdates } from '../change-log/feed-updates.ts';
import { logRescored, unratedAdvisories } from '../vulnerabilities/rescored-advisories.ts';
import { isFirstUpdate } from '../vulnerabilities/feed-differences.ts';
import { checkRecordCount } from '../vulnerabilities/shrink-check.ts';
import { writeFeedState } from '../feeds/feed-state-row.ts';
import { checkFingerprint, fingerprintOfEnrichments } from '../feeds/feed-fingerprint.ts';
import { readFeed } from '../feeds/stored-feeds.ts';
import type { EnrichmentUpdate } from '../../contracts/enrichments.ts';
import type { UpdateCounts } from '../../contracts/vulnerabilities.ts';
import { type EnrichmentRow, type RowKind, rowsOfEnrichment } from './enrichment-rows.ts';
import { storedEnrichments } from './stored-enrichments.ts';
import type { StoredEnrichment } from '../../contracts/feed-snapshot.ts';

/** The number of enrichments that are compared per turn of the event loop, and of rows that are written together. */
const ENRICHMENTS_PER_TURN = 2000;

/**
 * Replaces the stored enrichments of a kind in one transaction. Walks the list and the stored rows together in CVE
 * order, and writes only differences. Scores that change the severity of advisories are logged as changes to the
 * advisories, except in the first update.
 */
export async function updateEnrichments(engine: Engine, update: EnrichmentUpdate): Promise<UpdateCounts> {
  const alone = { alone: `feed ${update.feed}`, once: true };
  return await engine.transaction(async (queries) => {
    const before = await readFeed(queries, update.feed);
    const isInitial = (await isFirstUpdate(queries, update)) === 1;
    const differences = createDifferences(queries, update, isInitial);
    const isWhole = update.scope !== 'changed';
    const stored = storedEnrichments(queries, update.kind);
    let present = await stored.next();
    let previous = '';
    let turn = 0;
    for await (const enrichment of update.enrichments) {
      const { cve, value } = enrichment;
      if (cve <= previous) throw new Error(`${cve} follows ${previous}, but CVEs must be in ascending order`);
      previous = cve;
      while (present !== undefined && present.cve < cve) {
        if (isWhole) await differences.withdraw(present);
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
      for (; present !== undefined; present = await stored.next()) await differences.withdraw(present);
    }
    await differences.write();
    const total = await queries.get<{ count: number }>(COUNT_ENRICHMENTS, [update.kind]);
    const records = total?.count ?? 0;
    checkRecordCount(update, records, differences.counts);
    await writeFeedState(queries, update, records);
    const { fingerprint } = update;
    if (fingerprint !== undefined) {
      checkFingerprint(update.feed, fingerprint, await fingerprintOfEnrichments(queries, update.kind));
    }
    const { added, changed, withdrawn } = differences.counts;
    const hasChanged = COUNTED_KINDS.has(update.kind) && added + changed + withdrawn > 0;
    if (hasChanged || changesCounts(before, await readFeed(queries, update.feed), update.at)) {
      await raiseRevision(queries, 'data');
    }
    return differences.counts;
  }, alone);
}

/** Collects differences and writes them in batches. */
type EnrichmentDifferences = {
  readonly add: (cve: string, value: string) => Promise<void>;
  readonly compare: (stored: StoredEnrichment, value: OrderedEnrichment['value']) => Promise<void>;
  readonly withdraw: (stored: StoredEnrichment) => Promise<void>;
  readonly write: () => Promise<void>;
  readonly counts: UpdateCounts;
};

function createDifferences(
  queries: Queries,
  { kind, at }: EnrichmentUpdate,
  isInitial: boolean,
): EnrichmentDifferences {
  const counts = { added: 0, changed: 0, withdrawn: 0, unchanged: 0 };
  const updateOf = createFeedUpdates(queries, at);
  let added: SqlValue[][] = [];
  let changed: SqlValue[][] = [];
  let withdrawn: SqlValue[][] = [];
  /** The CVEs with a changed severity. */
  let rescored: string[] = [];

  async function note({ cve, before, value }: EnrichmentDifference): Promise<void> {
    const former = new Map(before === undefined ? [] : rowsByKind(kind, before));
    const latest = value === null ? [] : rowsOfEnrichment(kind, value);
    const severity = latest[0]?.severity ?? null;
    if (severity !== (before?.severity ?? null) && !isInitial) rescored.push(cve);
    const pending = added.length + changed.length + withdrawn.length;
    for (const row of latest) {
      const was = former.get(row.kind);
      former.delete(row.kind);
      const columns = [row.kind, cve, row.value, row.severity];
      if (was === undefined) added.push(columns);
      else if (was.value !== row.value || was.severity !== row.severity) changed.push(columns);
    }
    for (const gone of former.keys()) withdrawn.push([gone, cve]);
    const total = added.length + changed.length + withdrawn.length;
    // An edited export can have the stored value with its members in another order.
    if (total === pending) counts.unchanged += 1;
    else counts[value === null ? 'withdrawn' : before === undefined ? 'added' : 'changed'] += 1;
    if (total >= ENRICHMENTS_PER_TURN) await write();
  }

  async function write(): Promise<void> {
    const unrated = await unratedAdvisories(queries, rescored);
    await queries.insertMany(ENRICHMENTS, added);
    await queries.updateMany(CHANGED_ENRICHMENTS, changed);
    await queries.deleteMany({ table: 'enrichment', key: ['kind', 'cve'] }, withdrawn);
    await logRescored(queries, unrated, at, updateOf);
    added = [];
    changed = [];
    withdrawn = [];
    rescored = [];
  }

  return {
    counts,
    write,
    add: (cve, value) => note({ cve, before: undefined, value }),
    withdraw: (before) => note({ cve: before.cve, before, value: null }),
    async compare(before, value) {
      if (value === before.value) counts.unchanged += 1;
      else await note({ cve: before.cve, before, value });
    },
  };
}

type EnrichmentDifference = {
  readonly cve: string;
  readonly before: StoredEnrichment | undefined;
  readonly value: string | null;
};

/** Returns the stored rows of an enrichment by kind. */
function rowsByKind(
  kind: EnrichmentKind,
  { value, severity }: StoredEnrichment,
): readonly (readonly [RowKind, EnrichmentRow])[] {
  return rowsOfEnrichment(kind, value).map((row) => [row.kind, row.kind === kind ? { ...row, severity } : row]);
}

/** The kinds of enrichments that counts depend on. EPSS scores change daily, but counts do not depend on them. */
const COUNTED_KINDS: ReadonlySet<EnrichmentKind> = new Set(['cvss', 'kev']);

const ENRICHMENTS: InsertTarget = { table: 'enrichment', columns: ['kind', 'cve', 'value', 'severity'] };

const CHANGED_ENRICHMENTS: UpdateTarget = {
  table: 'enrichment',
  key: ['kind', 'cve'],
  columns: ['value', 'severity'],
};

const COUNT_ENRICHMENTS = 'SELECT COUNT(*) AS count FROM enrichment WHERE kind = ?';
