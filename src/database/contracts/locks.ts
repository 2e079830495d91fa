export type LockStore = {
  /** Takes or renews a lock for `ttl` milliseconds; returns false while another owner holds the lock. */
  readonly acquire: (name: string, owner: string, ttl: number) => Promise<boolean>;
  /**
   * Renews a held lock for `ttl` milliseconds; returns false if another owner has, or has had, the lock in the
   * meantime, or if the expired lock was removed.
   */
  readonly renew: (lock: HeldLock, ttl: number) => Promise<boolean>;
  /** Releases a lock; does nothing if another owner holds the lock. */
  readonly release: (name: string, owner: string) => Promise<void>;
  /** Removes expired locks. */
  readonly removeExpired: () => Promise<void>;
};

export type HeldLock = { readonly name: string; readonly owner: string };
