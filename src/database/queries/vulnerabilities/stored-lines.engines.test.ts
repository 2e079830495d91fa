import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../contracts/store.ts';
import { openStore } from '../../open-store.ts';
import { advisory } from '../../testing/packages.ts';
import { ENGINES, newPostgresSource } from '../../testing/stores.ts';

const opened: Store[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const store of opened.splice(0)) await store.close();
});

async function put(store: Store, id: string, ...packages: string[]): Promise<void> {
  const affected = packages.map((name) => ({ package: name, fixed: '1' }));
  await store.manual.edit({ name: id, at: 1, change: () => advisory(id, ...affected) });
}

async function packagesOf(store: Store, id: string): Promise<readonly string[]> {
  const records = await store.vulnerabilities.find(id);
  return records.flatMap(({ affected }) => affected.map((each) => each.package));
}

describe.each(ENGINES)('the packages of manual vulnerabilities, on %s', (engine, options) => {
  it('may have any characters, whether they are stored or not', async () => {
    const store = await openStore(options());
    opened.push(store);
    const names = ['a\0b', 'c\ud800d', 'e"\\f', 'plain', 'ü'];
    for (const id of ['OWN-1', 'OWN-2']) await put(store, id, ...names);
    // SQLite stores a lone surrogate as three bytes that are not UTF-8.
    const replaced = engine === 'postgres' ? ['a\ufffdb', 'c\ufffdd'] : ['a\0b', 'c\ufffd\ufffd\ufffdd'];
    const stored = [...replaced, 'e"\\f', 'plain', 'ü'];
    expect([await packagesOf(store, 'OWN-1'), await packagesOf(store, 'OWN-2')]).toEqual([stored, stored]);
  });

  it('may be in any number of namespaces, and have only names that are not stored as they are', async () => {
    const store = await openStore(options());
    opened.push(store);
    const namespaces = Array.from({ length: 250 }, (_, at) => `own:${at}`);
    const affected = namespaces.map(
      (namespace) => ({ namespace, package: '\ud800', status: 'open', severity: 'Low' }) as const,
    );
    const formats = new Map(namespaces.map((namespace) => [namespace, 'apk'] as const));
    const edit = { at: 1, change: () => ({ id: 'OWN-1', link: '', description: '', affected }) };
    await store.manual.edit({ ...edit, name: 'OWN-1', formats });
    // The namespaces are stored now, so their schemes need not be given again.
    await store.manual.edit({ ...edit, name: 'OWN-2', change: () => ({ ...edit.change(), id: 'OWN-2' }) });
    expect(await packagesOf(store, 'OWN-2')).toHaveLength(250);
  });
});

it('an edit on PostgreSQL runs again if another transaction removes the line of its package', async () => {
  const source = newPostgresSource();
  const store = await openStore({ type: 'postgres', source });
  opened.push(store);
  await put(store, 'OWN-1', 'a');
  await store.manual.edit({ name: 'OWN-1', at: 1, change: () => undefined });
  const other = new pg.Client({ connectionString: source });
  await other.connect();
  await other.query(`SET search_path = "${new URL(source).searchParams.get('search_path')}"`);
  let reads = 0;
  const query: (...values: unknown[]) => unknown = Reflect.get(pg.Client.prototype, 'query');
  const afterRemoval = async (answer: unknown): Promise<unknown> => {
    const rows = await answer;
    reads += 1;
    if (reads === 1) await Reflect.apply(query, other, ['DELETE FROM line']);
    return rows;
  };
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...values: unknown[]): unknown {
    const answer = Reflect.apply(query, this, values);
    return JSON.stringify(values).includes('AS wanted CROSS JOIN namespace') ? afterRemoval(answer) : answer;
  });
  await put(store, 'OWN-2', 'a');
  await other.end();
  expect([reads, await packagesOf(store, 'OWN-2')]).toEqual([2, ['a']]);
});
