import { ClairError } from '../../errors.ts';
import type { Engine } from './engine.ts';
import type { HeldLock } from '../contracts/locks.ts';

/**
 * Returns an engine that writes nothing after another owner has taken its lease. Each transaction checks the lease
 * after it has waited for other transactions. The new owner writes later, so its data is never overwritten.
 *
 * @throws ClairError `database/lease-lost` from the transactions of the returned engine
 */
export function fencedEngine(engine: Engine, { name, owner }: HeldLock): Engine {
  return {
    ...engine,
    transaction: async (work, options) =>
      await engine.transaction(async (queries) => {
        if ((await queries.get(SELECT_HELD, [name, owner])) === undefined) throw leaseLost(name);
        return await work(queries);
      }, options),
  };
}

/** Returns the error for work under a lease that another owner has taken. */
export function leaseLost(name: string, cause?: unknown): ClairError {
  return new ClairError('database/lease-lost', `the lease "${name}" expired before the work was done`, {
    cause,
  });
}

/** An expired lease is valid until another owner takes it, or until housekeeping removes it. */
const SELECT_HELD = 'SELECT 1 AS held FROM lock WHERE name = ? AND owner = ?';
