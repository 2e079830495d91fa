import { type Lease, type LeaseOptions, withLease } from '../database/queries/lease.ts';
import { ClairError } from '../errors.ts';

/**
 * Does `work` while no other process, and nobody else in this one, changes the data of `feed`. The lock is given back
 * whatever happens; that of a process that dies expires.
 *
 * @throws ClairError `update/locked` when somebody else holds it; what `work` throws.
 */
export async function withFeedLock<T>(
  feed: string,
  store: LeaseOptions['store'],
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const taken = (): ClairError => new ClairError('update/locked', `another process is updating ${feed}`);
  return await withLease(`update:${feed}`, { store, taken }, work);
}
