import type { Queries } from '../../engines/engine.ts';

/**
 * The name of a lock: transactions that change the files of rules hold the lock alone, and transactions that store
 * layers share the lock. A layer that is stored while a rule is created either has the points of the new rule, or is
 * visible to the search for the files of the rule.
 */
export const FILES_LOCK = 'files of rules';

/** Returns how often the files of rules have changed. */
export async function readFilesRevision(queries: Queries): Promise<number> {
  return Number((await queries.get<{ value: string }>(SELECT_REVISION, [REVISION]))?.value ?? 0);
}

/** Increments the revision, in the transaction that changes the files of rules. */
export async function raiseFilesRevision(queries: Queries): Promise<void> {
  await queries.run(RAISE_REVISION, [REVISION]);
}

const REVISION = 'files/revision';

const SELECT_REVISION = 'SELECT value FROM flag WHERE name = ?';

const RAISE_REVISION = `
INSERT INTO flag (name, value) VALUES (?, '1')
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(flag.value AS BIGINT) + 1 AS TEXT)`;
