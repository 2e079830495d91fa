import { withLease } from '../database/lease.ts';
import type { LockStore } from '../database/store.ts';
import { ClairError } from '../errors.ts';

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
  options: SourceLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const taken = (): ClairError => new ClairError('update/locked', `another process is updating ${source}`);
  return await withLease(`update:${source}`, { ...options, taken }, work);
}
