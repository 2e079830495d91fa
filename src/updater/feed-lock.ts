import { type Lease, type LeaseOptions, withLease } from '../database/queries/lease.ts';
import { ClairError } from '../errors.ts';

/**
 * Runs `work` while no other caller in any process changes the data of `feed`. Always releases the lock; the lock of a
 * dead process expires.
 *
 * @throws ClairError `update/locked` when the lock is taken; the errors of `work`.
 */
export async function withFeedLock<T>(
  feed: string,
  store: LeaseOptions['store'],
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const taken = (): ClairError => new ClairError('update/locked', `another process is updating ${feed}`);
  return await withLease(`update:${feed}`, { store, taken }, work);
}
