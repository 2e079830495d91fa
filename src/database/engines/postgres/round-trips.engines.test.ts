import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { openStore } from '../../open-store.ts';
import { deb } from '../../testing/packages.ts';
import { newLayer, newPostgresSource } from '../../testing/stores.ts';

it('an edit of a manual vulnerability on PostgreSQL takes few statements, because each statement waits for the server', async () => {
  const store = await openStore({ type: 'postgres', source: newPostgresSource() });
  const statements = vi.spyOn(pg.Client.prototype, 'query');
  const countOf = async (name: string, fixed: string): Promise<number> => {
    statements.mockClear();
    const affected = [{ namespace: 'debian:12', package: 'p', fixed, severity: 'High', status: 'fixed' } as const];
    await store.manual.edit({
      name,
      at: 0,
      change: () => ({ id: name, link: '', description: '', aliases: [], affected }),
    });
    return statements.mock.calls.length;
  };
  try {
    await countOf('CVE-1', '1');
    expect({ ofKnownPackage: await countOf('CVE-2', '1'), change: await countOf('CVE-2', '2') }).toEqual({
      ofKnownPackage: 11,
      change: 22,
    });
  } finally {
    statements.mockRestore();
    await store.close();
  }
});

it('a layer of known packages on PostgreSQL takes few statements', async () => {
  const store = await openStore({ type: 'postgres', source: newPostgresSource() });
  const changes = ['a', 'b', 'c'].map((name) => {
    return { feature: deb(name, '1'), namespace: 'debian:12', path: '', originDepth: 0, change: 1 } as const;
  });
  const base = await store.layers.insert(newLayer('first', null, changes));
  const statements = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await store.layers.insert(newLayer('second', base, changes));
    expect(statements.mock.calls.length).toBe(9);
  } finally {
    statements.mockRestore();
    await store.close();
  }
});
