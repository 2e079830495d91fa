import { randomUUID } from 'node:crypto';
import { leaseLost } from '../engines/fenced-engine.ts';
import type { HeldLock, LockStore } from '../contracts/locks.ts';
import type { Store } from '../contracts/store.ts';

/** How long whoever holds a lease may stay silent before others may take it; it is renewed much more often. */
const LEASE_TTL_MS = 60_000;

export type LeaseOptions = {
  readonly store: Pick<Store, 'locks' | 'under'>;
  /** How long it lasts without being renewed, in milliseconds; a minute when absent. */
  readonly ttl?: number;
};

/** What work under a lease needs to end when it is lost: it ran out while the database was away, or this process slept. */
export type Lease = {
  /** Writes only as long as nobody else has taken the lease. */
  readonly store: Store;
  /** Aborted, with ClairError `database/lease-lost`, when it is lost. */
  readonly signal: AbortSignal;
};

/**
 * Does `work` while nobody else does anything under a lease of that name, neither another process nor this one. It is given
 * back whatever happens; that of a process that dies expires.
 *
 * @throws what `taken` gives when somebody else holds it; what `work` throws.
 */
export async function withLease<T>(
  name: string,
  { taken, ...options }: LeaseOptions & { readonly taken: () => Error },
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const done = await tryLease(name, options, work);
  if (done === undefined) throw taken();
  return done.value;
}

/** The same; gives undefined, and nothing is done, when somebody else holds the lease. @throws what `work` throws. */
export async function tryLease<T>(
  name: string,
  { store, ttl = LEASE_TTL_MS }: LeaseOptions,
  work: (lease: Lease) => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const { locks } = store;
  const lock = { name, owner: randomUUID() };
  const start = performance.now();
  if (!(await locks.acquire(name, lock.owner, ttl))) return undefined;
  const renewal = renewOften(lock, { locks, ttl, start });
  try {
    return { value: await work({ store: store.under(lock), signal: renewal.lost }) };
  } finally {
    await renewal.stop();
    // One that cannot be given back expires; what became of the work is what counts.
    await locks.release(name, lock.owner).catch(() => undefined);
  }
}

type RenewalOptions = {
  readonly locks: Pick<LockStore, 'renew'>;
  readonly ttl: number;
  /** By `performance.now()`, not later than when it was taken. */
  readonly start: number;
};

function renewOften(
  lock: HeldLock,
  { locks, ttl, start }: RenewalOptions,
): { readonly lost: AbortSignal; readonly stop: () => Promise<void> } {
  const lost = new AbortController();
  let heldSince = start;
  let underWay: Promise<void> | undefined;

  async function renew(): Promise<void> {
    const asked = performance.now();
    try {
      if (await locks.renew(lock, ttl)) heldSince = asked;
      else lost.abort(leaseLost(lock.name));
    } catch (error) {
      // The database may be back before the lease runs out.
      if (performance.now() - heldSince >= ttl) lost.abort(leaseLost(lock.name, error));
    }
  }

  const timer = setInterval(() => {
    underWay ??= renew().finally(() => {
      underWay = undefined;
    });
  }, ttl / 4).unref();
  return {
    lost: lost.signal,
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}
