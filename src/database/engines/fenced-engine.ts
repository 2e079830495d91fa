import { ClairError } from '../../errors.ts';
import type { Engine } from './engine.ts';
import type { HeldLock } from '../contracts/locks.ts';

/**
 * An engine that writes nothing once its lease is another one's: each transaction looks first, behind those that it waits
 * for. Whoever takes the lease later writes later, so that nothing of his is written over.
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

/** The error of whoever goes on with what is another one's by now. */
export function leaseLost(name: string, cause?: unknown): ClairError {
  return new ClairError('database/lease-lost', `the lease "${name}" ran out before the work under it was done`, {
    cause,
  });
}

/** One that ran out and that nobody has taken since is good enough. */
const SELECT_HELD = 'SELECT 1 AS held FROM lock WHERE name = ? AND owner = ?';
