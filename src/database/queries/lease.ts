import { randomUUID } from 'node:crypto';
import { leaseLost } from '../engines/fenced-engine.ts';
import type { HeldLock, LockStore } from '../contracts/locks.ts';
import type { Store } from '../contracts/store.ts';

/** The duration of a lease without renewal. Owners renew a lease after each quarter of its duration. */
const LEASE_TTL_MS = 60_000;

export type LeaseOptions = {
  readonly store: Pick<Store, 'locks' | 'under'>;
  /** The duration of the lease without renewal, in milliseconds; a minute when absent. */
  readonly ttl?: number;
};

/**
 * A held lease. The owner loses the lease if a database outage lasts longer than the lease, or if another owner takes
 * the expired lease, for example while this process is suspended.
 */
export type Lease = {
  /** The held lock, for other threads. */
  readonly lock: HeldLock;
  /** Rejects writes after another owner has taken the lease. */
  readonly store: Store;
  /** Aborted with ClairError `database/lease-lost` when the lease is lost. */
  readonly signal: AbortSignal;
};

/**
 * Runs `work` while no other work in any process runs under a lease with the same name. Always releases the lease; the
 * lease of a dead process expires.
 *
 * @throws the error of `taken` if another owner holds the lease; the errors of `work`
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

/**
 * Runs `work` as {@link withLease} does, but returns undefined when another owner holds the lease. @throws the errors
 * of `work`.
 */
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
    return { value: await work({ lock, store: store.under(lock), signal: renewal.lost }) };
  } finally {
    await renewal.stop();
    // Ignore a failed release, because the lease expires anyway and the work is done.
    await locks.release(name, lock.owner).catch(() => undefined);
  }
}

type RenewalOptions = {
  readonly locks: Pick<LockStore, 'renew'>;
  readonly ttl: number;
  /** A value of `performance.now()` from before the acquisition of the lease. */
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
      // Continue until the lease expires, because the database may be available again before then.
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
