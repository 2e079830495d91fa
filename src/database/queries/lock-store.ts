import type { LockStore } from '../contracts/locks.ts';
import type { Engine } from '../engines/engine.ts';

/**
 * A lock that expires later than this many milliseconds from now was written by a dead process with a wrong clock.
 * By default, a lease lasts one minute, and a running process renews its lease every 15 seconds.
 */
const LONGEST_MS = 60 * 60 * 1000;

/** Stores locks with an owner and an expiry, so that a dead process never blocks other processes forever. */
export function createLockStore({ read, transaction, clock }: Engine): LockStore {
  return {
    async acquire(name, owner, ttl) {
      // Reads before the transaction, because waiting processes poll often, and each transaction would change the
      // version number of the database.
      const soon = clock.now();
      const held = await read.get(SELECT_OTHERS, [name, owner, soon, soon + LONGEST_MS]);
      if (held !== undefined) return false;
      const taken = await transaction(async (queries) => {
        const now = await clock.ask(queries);
        return await queries.run(ACQUIRE, [name, owner, now + ttl, owner, now, now + LONGEST_MS]);
      });
      return taken > 0;
    },
    async renew({ name, owner }, ttl) {
      const renewed = await transaction(async (queries) =>
        queries.run(RENEW, [(await clock.ask(queries)) + ttl, name, owner]),
      );
      return renewed > 0;
    },
    async release(name, owner) {
      await transaction((queries) => queries.run('DELETE FROM lock WHERE name = ? AND owner = ?', [name, owner]));
    },
    async removeExpired() {
      await transaction(async (queries) => {
        const now = await clock.ask(queries);
        await queries.run(REMOVE_EXPIRED, [now, now + LONGEST_MS]);
      });
    },
  };
}

const SELECT_OTHERS = 'SELECT 1 AS held FROM lock WHERE name = ? AND owner <> ? AND until > ? AND until <= ?';

const ACQUIRE = `
INSERT INTO lock (name, owner, until) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
WHERE lock.owner = ? OR lock.until <= ? OR lock.until > ?`;

const RENEW = 'UPDATE lock SET until = ? WHERE name = ? AND owner = ?';

const REMOVE_EXPIRED = 'DELETE FROM lock WHERE until <= ? OR until > ?';
