import { randomUUID } from 'node:crypto';
import type { LockStore } from '../database/store.ts';
import { ClairError } from '../errors.ts';

/** How long whoever holds a lock may stay silent before others may take it; it is renewed much more often. */
const LOCK_TTL_MS = 60_000;

export type SourceLockOptions = {
  readonly locks: LockStore;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

/**
 * Does `work` while no other process, and nobody else in this one, changes the data of `source`. The lock is given back
 * whatever happens; that of a process that dies expires.
 *
 * @throws ClairError `update/locked` when somebody else holds it; what `work` throws.
 */
export async function withSourceLock<T>(
  source: string,
  { locks, now }: SourceLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = `update:${source}`;
  const owner = randomUUID();
  const acquire = (): Promise<boolean> => locks.acquire(lock, owner, now(), LOCK_TTL_MS);
  if (!(await acquire())) throw new ClairError('update/locked', `another process is updating ${source}`);
  const renewal = setInterval(() => void acquire().catch(() => undefined), LOCK_TTL_MS / 4).unref();
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await locks.release(lock, owner);
  }
}
