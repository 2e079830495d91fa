import type { Advisory } from '../model/advisory.ts';
import type { Change } from '../model/source.ts';
import type { Engine, Queries } from './engine.ts';
import type { ChangeLogStore, LoggedChange } from './store.ts';
import { findStoredVulnerability, readStoredAdvisory } from './stored-vulnerabilities.ts';

/** What updates did, to be read with a cursor; updates write it themselves (source-update.ts). */
export function createChangeLogStore({ read }: Engine): ChangeLogStore {
  return {
    async read({ after, limit }) {
      return (await read.all<ChangeRow>(SELECT_CHANGES, [after, limit])).map(changeOfRow);
    },
    async latest({ before, limit }) {
      return (await read.all<{ id: number }>(SELECT_LATEST, [before, limit])).map(({ id }) => id);
    },
    async find(id) {
      const row = await read.get<ChangeRow>(SELECT_CHANGE, [id]);
      return row && { ...changeOfRow(row), after: await advisoryAfter(read, row) };
    },
  };
}

type ChangeRow = Omit<Change, 'isInitial'> & { readonly before: string | null; readonly initial: 0 | 1 };

/**
 * What a change made of an advisory is what was before the next change of the same, or what is stored. That is read
 * first: should it change meanwhile, the next change is there by the time it is looked for.
 */
async function advisoryAfter(read: Queries, { id, source, name }: ChangeRow): Promise<Advisory | null> {
  const stored = await findStoredVulnerability(read, source, name);
  const advisory = stored && (await readStoredAdvisory(read, stored.id));
  const next = await read.get<{ before: string | null }>(SELECT_NEXT, [source, name, id]);
  return next === undefined ? (advisory ?? null) : advisoryOf(next.before);
}

function changeOfRow({ before, initial, ...change }: ChangeRow): LoggedChange {
  return { ...change, isInitial: initial === 1, before: advisoryOf(before) };
}

function advisoryOf(text: string | null): Advisory | null {
  return text === null ? null : JSON.parse(text);
}

const SELECT_CHANGES = `
SELECT id, source, name, kind, before, at, initial FROM change_log WHERE id > ? ORDER BY id LIMIT ?`;

const SELECT_LATEST = 'SELECT id FROM change_log WHERE id < ? ORDER BY id DESC LIMIT ?';

const SELECT_CHANGE = 'SELECT id, source, name, kind, before, at, initial FROM change_log WHERE id = ?';

const SELECT_NEXT = `
SELECT before FROM change_log WHERE source = ? AND name = ? AND id > ? ORDER BY id LIMIT 1`;
