import { ClairError } from '../../../errors.ts';
import {
  advisoryOfRule,
  FILE_RULE_FEED,
  filesOfRule,
  type FileRule,
  MAX_FILE_RULES,
  MAX_WATCHED_FILES,
  MAX_WATCHED_PATTERNS,
  type StoredFileRule,
} from '../../../model/advisories/file-rule.ts';
import type { WatchedFile } from '../../../model/advisories/watched-file.ts';
import type { FileRuleStore } from '../../contracts/file-rules.ts';
import type { Engine, TransactionQueries } from '../../engines/engine.ts';
import { raiseRevision } from '../images/data-revision.ts';
import { editAdvisory } from '../vulnerabilities/manual-store.ts';
import { advanceSearch, nextSearch, SELECT_PROGRESS } from './file-search.ts';
import { FILES_LOCK, raiseFilesRevision, readFilesRevision } from './files-revision.ts';
import { removeUnusedFiles, SELECT_UNUSED } from './unused-files.ts';

/** The number of rules that are finished in one transaction. */
const RULES_PER_STEP = 20;

/** Stores file rules, and the positions of the searches through stored layers. */
export function createFileRuleStore({ read, transaction }: Engine): FileRuleStore {
  const alone = { alone: FILES_LOCK };
  return {
    add: (rule, at) => transaction((queries) => addRule(queries, rule, at), alone),
    async find(id) {
      const row = await read.get<RuleRow>(`${SELECT_RULES} WHERE name = ?`, [id]);
      return row && ruleOfRow(row);
    },
    async list({ after, limit }) {
      const rows = await read.all<RuleRow>(`${SELECT_RULES} WHERE name > ? ORDER BY name LIMIT ?`, [after, limit]);
      return rows.map(ruleOfRow);
    },
    remove: (id, at) => transaction((queries) => removeRule(queries, id, at), alone),
    async countPending() {
      return (await read.get<{ count: number }>(COUNT_PENDING))?.count ?? 0;
    },
    progress: (id) => read.get(SELECT_PROGRESS, [id]),
    async watched(known) {
      // Read the revision first. If the files are newer than the revision, the only consequence is that the points of a
      // layer are computed again.
      const revision = await readFilesRevision(read);
      if (known?.revision === revision) return known;
      return { revision, files: await read.all<WatchedFile>(SELECT_WATCHED) };
    },
    async hasWork() {
      return (await read.get(SELECT_WORK, [FILE_RULE_FEED])) !== undefined;
    },
    search: () => nextSearch(read),
    advance: (step) => transaction((queries) => advanceSearch(queries, step), { beside: FILES_LOCK }),
    finish: (at) => transaction((queries) => finishRules(queries, at), alone),
    removeUnused: () => transaction(removeUnusedFiles, alone),
  };
}

type RuleRow = { readonly rule: string; readonly created_at: number; readonly indexed_at: number | null };

const SELECT_RULES = 'SELECT rule, created_at, indexed_at FROM file_rule';

function ruleOfRow({ rule, created_at: createdAt, indexed_at: indexedAt }: RuleRow): StoredFileRule {
  const stored: FileRule = JSON.parse(rule);
  return { ...stored, createdAt, indexedAt };
}

async function addRule(queries: TransactionQueries, rule: FileRule, at: number): Promise<StoredFileRule> {
  const { id: name } = rule;
  if ((await queries.get('SELECT 1 AS present FROM file_rule WHERE name = ?', [name])) !== undefined) {
    throw new ClairError('file-rule/exists', `a file rule with the name ${name} already exists`);
  }
  const count = (await queries.get<{ count: number }>('SELECT COUNT(*) AS count FROM file_rule'))?.count ?? 0;
  if (count >= MAX_FILE_RULES) {
    throw new ClairError('file-rule/limit-exceeded', `there are already ${count} file rules, which is the maximum`);
  }
  const row = await queries.get<{ id: number }>(INSERT_RULE, [name, JSON.stringify(rule), at]);
  if (row === undefined) throw new Error('an insert returned no id');
  const until = (await queries.get<{ id: number | null }>('SELECT MAX(id) AS id FROM layer'))?.id ?? 0;
  for (const { name: path, state } of filesOfRule(rule)) {
    const file = await queries.get<{ id: number }>(WATCH, [path, state, until]);
    if (file === undefined) throw new Error('an insert returned no id');
    await queries.run('INSERT INTO file_rule_file (rule, file) VALUES (?, ?)', [row.id, file.id]);
  }
  const { files = 0, patterns = 0 } = (await queries.get<WatchedCounts>(COUNT_WATCHED)) ?? {};
  if (patterns > MAX_WATCHED_PATTERNS) {
    throw new ClairError(
      'file-rule/limit-exceeded',
      `with this rule, file rules would have ${patterns} paths with *; the maximum is ${MAX_WATCHED_PATTERNS}`,
    );
  }
  if (files > MAX_WATCHED_FILES) {
    throw new ClairError(
      'file-rule/limit-exceeded',
      `with this rule, file rules would name ${files} files; the maximum is ${MAX_WATCHED_FILES}`,
    );
  }
  await raiseFilesRevision(queries);
  return { ...rule, createdAt: at, indexedAt: null };
}

/** Keeps the points of the rule's files until no change in the log refers to these points. */
async function removeRule(queries: TransactionQueries, id: string, at: number): Promise<boolean> {
  if ((await queries.run('DELETE FROM file_rule WHERE name = ?', [id])) === 0) return false;
  await queries.run(MARK_UNUSED, [at]);
  await raiseFilesRevision(queries);
  await editAdvisory(queries, { name: id, at, change: () => undefined }, FILE_RULE_FEED);
  // A pending rule makes reports incomplete, so the stored counts may change.
  await raiseRevision(queries, 'data');
  return true;
}

async function finishRules(queries: TransactionQueries, at: number): Promise<number> {
  const rows = await queries.all<{ id: number; rule: string }>(SELECT_SEARCHED, [RULES_PER_STEP]);
  for (const { id, rule } of rows) {
    const stored: FileRule = JSON.parse(rule);
    await queries.run('UPDATE file_rule SET indexed_at = ? WHERE id = ?', [at, id]);
    await editAdvisory(queries, { name: stored.id, at, change: () => advisoryOfRule(stored) }, FILE_RULE_FEED);
  }
  return rows.length;
}

const INSERT_RULE = 'INSERT INTO file_rule (name, rule, created_at) VALUES (?, ?, ?) RETURNING id';

/**
 * Restarts the search for a file whose last rule was deleted, because layers may have been stored without its points in
 * the meantime.
 */
const WATCH = `
INSERT INTO watched_file (name, state, position, until) VALUES (?, ?, 0, ?)
ON CONFLICT (name, state) DO UPDATE SET
  position = CASE WHEN watched_file.unused_at IS NULL THEN watched_file.position ELSE 0 END,
  until = CASE WHEN watched_file.unused_at IS NULL THEN watched_file.until ELSE excluded.until END,
  unused_at = NULL
RETURNING id`;

type WatchedCounts = { readonly files: number; readonly patterns: number };

const COUNT_WATCHED = `
SELECT COUNT(*) AS files, COUNT(CASE WHEN name LIKE '%*%' THEN 1 END) AS patterns
FROM watched_file
WHERE unused_at IS NULL`;

const SELECT_WATCHED = 'SELECT name, state FROM watched_file WHERE unused_at IS NULL ORDER BY name, state';

const SELECT_WORK = `
SELECT 1 AS work FROM file_rule WHERE indexed_at IS NULL
UNION ALL
SELECT 1 AS work FROM (${SELECT_UNUSED}) AS unused`;

const COUNT_PENDING = 'SELECT COUNT(*) AS count FROM file_rule WHERE indexed_at IS NULL';

const MARK_UNUSED = `
UPDATE watched_file SET unused_at = ?
WHERE unused_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM file_rule_file WHERE file_rule_file.file = watched_file.id)`;

const SELECT_SEARCHED = `
SELECT id, rule FROM file_rule
WHERE indexed_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM file_rule_file CROSS JOIN watched_file
    WHERE file_rule_file.rule = file_rule.id
      AND watched_file.id = file_rule_file.file
      AND watched_file.position < watched_file.until
  )
ORDER BY id
LIMIT ?`;
