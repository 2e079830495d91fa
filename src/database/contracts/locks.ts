export type LockStore = {
  /** Takes or renews a lock for `ttl` milliseconds; returns false while another owner holds it. */
  readonly acquire: (name: string, owner: string, ttl: number) => Promise<boolean>;
  /** Holds a lock for `ttl` milliseconds from now on; false when somebody else has or had it meanwhile. */
  readonly renew: (lock: HeldLock, ttl: number) => Promise<boolean>;
  /** Gives a lock back; one that somebody else holds is left alone. */
  readonly release: (name: string, owner: string) => Promise<void>;
  /** Forgets those that nobody has given back, and nobody holds any more. */
  readonly removeExpired: () => Promise<void>;
};

/** A lock and who holds it. */
export type HeldLock = { readonly name: string; readonly owner: string };
