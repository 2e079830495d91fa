import { createTurns } from '../../threads/turns.ts';
import type { Queries } from '../engines/engine.ts';

/**
 * Returns queries that allow other work of the thread to run between two statements; SQLite itself blocks the thread.
 */
export function readInTurns(read: Queries): Queries {
  const turns = createTurns();
  return {
    ...read,
    async all(statement, values) {
      if (turns.areDue()) await turns.take();
      return await read.all(statement, values);
    },
    async get(statement, values) {
      if (turns.areDue()) await turns.take();
      return await read.get(statement, values);
    },
  };
}
