import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KeyedTarget } from '../engine.ts';
import { openSqlite } from './engine.ts';

const NAMESPACES: KeyedTarget = { table: 'namespace', key: ['name'], columns: ['scheme'] };

/** Several statements for many rows. */
const MOST_NAMES = 260;

it('ensures any mixture of new, stored and repeated rows, and returns the id of each row', async () => {
  const names = fc.array(fc.nat(400), { minLength: MOST_NAMES / 2, maxLength: MOST_NAMES, size: 'max' });
  const fewStored = fc.array(fc.nat(400), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fewStored, names),
      fc.oneof(names, fc.constant([...Array(MOST_NAMES).keys()])),
      async (before, wanted) => {
        const engine = await openSqlite();
        const rowsOf = (list: readonly number[]): string[][] => list.map((name) => [`n${name}`, 'dpkg']);
        await engine.transaction((queries) => queries.ensureMany(NAMESPACES, rowsOf(before)));
        const ids = await engine.transaction((queries) => queries.ensureMany(NAMESPACES, rowsOf(wanted)));
        const stored = await engine.read.all<{ id: number; name: string }>('SELECT id, name FROM namespace');
        const idOf = new Map(stored.map(({ id, name }) => [name, id]));
        expect(ids).toEqual(wanted.map((name) => idOf.get(`n${name}`)));
        expect(idOf.size).toBe(new Set([...before, ...wanted]).size);
        await engine.close();
      },
    ),
    { numRuns: 30 },
  );
});
