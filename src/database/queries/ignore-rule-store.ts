import { ClairError } from '../../errors.ts';
import {
  type IgnoreEntry,
  type IgnoreRuleState,
  MAX_ENDED_IGNORE_RULES,
  MAX_IGNORE_RULES,
  MAX_IGNORE_RULES_LENGTH,
  type ReachOf,
  type RuleReach,
  type StoredIgnoreRule,
} from '../../model/report/ignore-rule.ts';
import type { IgnoreRuleFilters, IgnoreRuleStore, NewIgnoreRule } from '../contracts/ignore-rules.ts';
import type { Engine, TransactionQueries } from '../engines/engine.ts';
import { ALONE_WITH_NAMES } from './found-names/found-name-writes.ts';
import { markReached } from './found-names/touched-images.ts';
import { removeWhole } from './images/whole-mark.ts';
import { raiseRevision, readIgnoreRuleRevision } from './images/data-revision.ts';

/**
 * Stores ignore rules. Each change increments the revision of the rules, and marks the counts of the images that the
 * change may affect as out of date.
 */
export function createIgnoreRuleStore({ read, transaction }: Engine): IgnoreRuleStore {
  return {
    add: (rule, reachOf = () => undefined) =>
      transaction((queries) => addRule(queries, rule, reachOf), ALONE_WITH_NAMES),
    async find(name) {
      const row = await read.get<RuleRow>(`SELECT ${COLUMNS} FROM ignore_rule WHERE name = ?`, [name]);
      return row && ruleOfRow(row);
    },
    async list(filters, { before = Number.MAX_SAFE_INTEGER, limit }) {
      const { sql, values } = conditionOf(filters);
      const select = `SELECT ${COLUMNS} FROM ignore_rule WHERE ${sql} AND id < ? ORDER BY id DESC LIMIT ?`;
      const rows = await read.all<RuleRow>(select, [...values, before, limit]);
      return rows.map((row) => ({ ...ruleOfRow(row), id: row.id }));
    },
    async count(filters) {
      const { sql, values } = conditionOf(filters);
      const row = await read.get<{ count: number }>(`SELECT COUNT(*) AS count FROM ignore_rule WHERE ${sql}`, values);
      return row?.count ?? 0;
    },
    end: (name, at, by, reachOf = () => undefined) =>
      transaction((queries) => endRule(queries, { name, at, by }, reachOf), ALONE_WITH_NAMES),
    revision: () => readIgnoreRuleRevision(read),
    async all() {
      return (await read.all<RuleRow>(SELECT_NOT_ENDED)).map(ruleOfRow);
    },
  };
}

async function addRule(
  queries: TransactionQueries,
  { name, entry, at, by }: NewIgnoreRule,
  reachOf: ReachOf,
): Promise<StoredIgnoreRule> {
  const rule = JSON.stringify(entry);
  const { count = 0, length = 0 } = (await queries.get<{ count: number; length: number }>(MEASURE)) ?? {};
  if (count >= MAX_IGNORE_RULES) {
    throw new ClairError('ignore-rule/limit-exceeded', `there are already ${count} ignore rules, which is the maximum`);
  }
  if (length + rule.length > MAX_IGNORE_RULES_LENGTH) {
    throw new ClairError(
      'ignore-rule/limit-exceeded',
      `with this rule, the ignore rules would have a total of ${length + rule.length} characters; the maximum is ${MAX_IGNORE_RULES_LENGTH}`,
    );
  }
  await queries.run(INSERT, [name, rule, searchedText(entry), entry.expires ?? null, at, by]);
  await noteChange(queries, reachOf(entry));
  return { name, entry, createdAt: at, createdBy: by, endedAt: null, endedBy: null };
}

async function endRule(
  queries: TransactionQueries,
  { name, at, by }: { readonly name: string; readonly at: number; readonly by: string | null },
  reachOf: ReachOf,
): Promise<boolean> {
  const row = await queries.get<RuleRow>(`SELECT ${COLUMNS} FROM ignore_rule WHERE name = ?`, [name]);
  if (row === undefined || (await queries.run(END, [at, by, name])) === 0) return false;
  const last = firstBeyondHistory(await queries.all<EndedRule>(SELECT_ENDED, [MAX_ENDED_IGNORE_RULES + 1]));
  if (last !== undefined) await queries.run(DELETE_ENDED, [last.ended_at, last.id]);
  await noteChange(queries, reachOf(ruleOfRow(row).entry));
  return true;
}

type EndedRule = { readonly id: number; readonly ended_at: number; readonly length: number };

/**
 * Returns the first rule that exceeds the maximum number or the maximum total length of ended rules; undefined if no
 * rule does.
 */
function firstBeyondHistory(lastEndedFirst: readonly EndedRule[]): EndedRule | undefined {
  let total = 0;
  return lastEndedFirst.find(({ length }, place) => {
    total += length;
    return place >= MAX_ENDED_IGNORE_RULES || total > MAX_IGNORE_RULES_LENGTH;
  });
}

/**
 * Records a change of the rules. If another transaction later stores counts without this change, the comparison of
 * revisions marks these counts as out of date.
 */
async function noteChange(queries: TransactionQueries, reach: RuleReach | undefined): Promise<void> {
  if (reach === undefined) await raiseRevision(queries, 'data');
  else if ((await markReached(queries, reach)) > 0) await removeWhole(queries);
  await raiseRevision(queries, 'rules');
}

/** Returns the texts that a search matches, one text per line. */
function searchedText({
  id = [],
  package: named = '',
  layer = '',
  image = '',
  reason,
  author = '',
}: IgnoreEntry): string {
  return [...id, named, layer, image, reason, author].join('\n').toLowerCase();
}

type Condition = { readonly sql: string; readonly values: readonly string[] };

function conditionOf({ state, today, search = '' }: IgnoreRuleFilters): Condition {
  const ofState = { sql: STATES[state], values: state === 'ended' ? [] : [today] };
  if (search === '') return ofState;
  return {
    sql: String.raw`${ofState.sql} AND searched LIKE ? ESCAPE '\'`,
    values: [...ofState.values, `%${search.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`],
  };
}

/** The SQL conditions of the states. `active` and `expired` have the current day as parameter. */
const STATES: Readonly<Record<IgnoreRuleState, string>> = {
  active: 'ended_at IS NULL AND (expires IS NULL OR expires >= ?)',
  expired: 'ended_at IS NULL AND expires < ?',
  ended: 'ended_at IS NOT NULL',
};

type RuleRow = {
  readonly id: number;
  readonly name: string;
  readonly rule: string;
  readonly created_at: number;
  readonly created_by: string | null;
  readonly ended_at: number | null;
  readonly ended_by: string | null;
};

const COLUMNS = 'id, name, rule, created_at, created_by, ended_at, ended_by';

function ruleOfRow(row: RuleRow): StoredIgnoreRule {
  return {
    name: row.name,
    entry: JSON.parse(row.rule),
    createdAt: row.created_at,
    createdBy: row.created_by,
    endedAt: row.ended_at,
    endedBy: row.ended_by,
  };
}

const MEASURE = `
SELECT COUNT(*) AS count, CAST(COALESCE(SUM(LENGTH(rule)), 0) AS BIGINT) AS length
FROM ignore_rule
WHERE ended_at IS NULL`;

const INSERT = `
INSERT INTO ignore_rule (name, rule, searched, expires, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)`;

const END = 'UPDATE ignore_rule SET ended_at = ?, ended_by = ? WHERE name = ? AND ended_at IS NULL';

const SELECT_NOT_ENDED = `SELECT ${COLUMNS} FROM ignore_rule WHERE ended_at IS NULL ORDER BY id`;

/** Parameter: the maximum number of rules. */
const SELECT_ENDED = `
SELECT id, ended_at, LENGTH(rule) AS length
FROM ignore_rule
WHERE ended_at IS NOT NULL
ORDER BY ended_at DESC, id DESC
LIMIT ?`;

/** Parameters: the end time and the ID of the rule that ended last among the rules to remove. */
const DELETE_ENDED = 'DELETE FROM ignore_rule WHERE ended_at IS NOT NULL AND (ended_at, id) <= (?, ?)';
