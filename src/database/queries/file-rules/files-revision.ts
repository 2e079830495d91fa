import type { Queries } from '../../engines/engine.ts';

/**
 * The name of a lock that transactions hold exclusively to change the watched files, and share to store layers. A layer
 * that is stored while a rule is created therefore either has points for the files of the rule, or is included in the
 * search for these files.
 */
export const FILES_LOCK = 'files of rules';

/** Returns the number of times that the watched files have changed. */
export async function readFilesRevision(queries: Queries): Promise<number> {
  return Number((await queries.get<{ value: string }>(SELECT_REVISION, [REVISION]))?.value ?? 0);
}

/** Increments the revision, in the transaction that changes the watched files. */
export async function raiseFilesRevision(queries: Queries): Promise<void> {
  await queries.run(RAISE_REVISION, [REVISION]);
}

const REVISION = 'files/revision';

const SELECT_REVISION = 'SELECT value FROM flag WHERE name = ?';

const RAISE_REVISION = `
INSERT INTO flag (name, value) VALUES (?, '1')
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(flag.value AS BIGINT) + 1 AS TEXT)`;
