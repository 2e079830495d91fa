import type { Engine } from './engine.ts';
import type { LockStore } from './store.ts';

/** Locks with an owner and an expiry, so that a process that dies holds nobody up for ever. */
export function createLockStore({ transaction }: Engine): LockStore {
  return {
    async acquire(name, owner, now, ttl) {
      const taken = await transaction((queries) => queries.run(ACQUIRE, [name, owner, now + ttl, owner, now]));
      return taken > 0;
    },
    async release(name, owner) {
      await transaction((queries) => queries.run('DELETE FROM lock WHERE name = ? AND owner = ?', [name, owner]));
    },
  };
}

const ACQUIRE = `
INSERT INTO lock (name, owner, until) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
WHERE lock.owner = ? OR lock.until <= ?`;
