import { randomUUID } from 'node:crypto';
import type { LockStore } from './store.ts';

/** How long whoever holds a lock may stay silent before others may take it; it is renewed much more often. */
const LOCK_TTL_MS = 60_000;

export type LeaseOptions = {
  readonly locks: LockStore;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** What is thrown when somebody else holds the lock. */
  readonly taken: () => Error;
};

/**
 * Does `work` while nobody else does anything under a lock of that name, neither another process nor this one. The lock is
 * given back whatever happens; that of a process that dies expires.
 *
 * @throws what `taken` gives when somebody else holds it; what `work` throws.
 */
export async function withLease<T>(
  lock: string,
  { locks, now, taken }: LeaseOptions,
  work: () => Promise<T>,
): Promise<T> {
  const owner = randomUUID();
  const acquire = (): Promise<boolean> => locks.acquire(lock, owner, now(), LOCK_TTL_MS);
  if (!(await acquire())) throw taken();
  const renewal = setInterval(() => void acquire().catch(() => undefined), LOCK_TTL_MS / 4).unref();
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await locks.release(lock, owner);
  }
}
