import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Engine } from '../../../src/database/engines/engine.ts';

/** A time longer than any lease, so that the leases of killed instances have expired. */
const PATIENCE_MS = 75_000;

const POLL_MS = 500;

/**
 * Waits until no locks and transactions of the stopped instances remain. Returns the locks and transactions that remain
 * too long. Only the instances may have used the database, because PostgreSQL does not tell the schema of a connection.
 */
export async function untilNothingIsHeld({ read }: Pick<Engine, 'read'>): Promise<readonly string[]> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await setTimeout(POLL_MS)) {
    const leases = await read.all<{ name: string }>('SELECT name FROM lock WHERE until > ?', [Date.now()]);
    const held = await read.all<{ what: string }>(SELECT_HELD);
    if (leases.length + held.length === 0) return [];
    if (Date.now() < deadline) continue;
    return [
      ...leases.map(({ name }) => `the lease ${name} is stuck`),
      ...held.map(({ what }) => `PostgreSQL holds ${what}`),
    ];
  }
}

/** Locks and transactions of other connections to the database. */
const SELECT_HELD = `
SELECT 'a lock of the kind ' || locktype AS what FROM pg_locks
WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'open: ' || query FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL`;

/** Runs housekeeping from the command line. @throws Error when it fails */
export async function runHousekeeping(program: readonly string[], database: string): Promise<void> {
  await promisify(execFile)(execPath, [...program, 'db', 'vacuum', '--db', database]);
}
