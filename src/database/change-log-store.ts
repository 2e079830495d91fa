import type { Change } from '../model/source.ts';
import type { Engine } from './engine.ts';
import type { ChangeLogStore } from './store.ts';

/** What updates did, to be read with a cursor; updates write it themselves (source-update.ts). */
export function createChangeLogStore({ read }: Engine): ChangeLogStore {
  return {
    async read({ after, limit }) {
      const rows = await read.all<Change & { before: string | null }>(SELECT_CHANGES, [after, limit]);
      return rows.map(({ before, ...change }) => ({
        ...change,
        before: before === null ? null : JSON.parse(before),
      }));
    },
  };
}

const SELECT_CHANGES = `
SELECT id, source, name, kind, before, at FROM change_log WHERE id > ? ORDER BY id LIMIT ?`;
