import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { openStore } from '../../open-store.ts';
import { distantServer } from '../../testing/distant-server.ts';
import { deb } from '../../testing/packages.ts';
import { newLayer, newPostgresSource } from '../../testing/stores.ts';

it('an edit of a manual vulnerability on PostgreSQL takes few statements, and fewer round trips', async () => {
  const source = newPostgresSource();
  const distant = await distantServer(Number(new URL(source).port));
  const store = await openStore({ type: 'postgres', source: source.replace(/:\d+\//, `:${distant.port}/`) });
  const statements = vi.spyOn(pg.Client.prototype, 'query');
  const edit = async (name: string, fixed: string): Promise<object> => {
    statements.mockClear();
    distant.begin();
    const affected = [{ namespace: 'debian:12', package: 'p', fixed, severity: 'High', status: 'fixed' } as const];
    await store.manual.edit({
      name,
      at: 0,
      change: () => ({ id: name, link: '', description: '', aliases: [], affected }),
    });
    return { statements: statements.mock.calls.length, trips: distant.trips() };
  };
  try {
    // The first edit opens the connection.
    await edit('CVE-1', '1');
    // BEGIN and the search; the vulnerability, the line of the package and the update; the other rows and COMMIT.
    expect(await edit('CVE-2', '1')).toEqual({ statements: 10, trips: 3 });
    // The old content takes one more round trip.
    expect(await edit('CVE-2', '2')).toEqual({ statements: 18, trips: 4 });
  } finally {
    statements.mockRestore();
    await store.close();
    distant.close();
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
