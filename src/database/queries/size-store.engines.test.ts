import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../testing/store-content.ts';
import { advisory, deb } from '../testing/packages.ts';
import { ENGINES } from '../testing/stores.ts';
import { openStore } from '../open-store.ts';
import type { Store } from '../contracts/store.ts';

describe.each(ENGINES)('the sizes of a store on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  it('consist of the rows, bytes and times of each table, and add up to the total', async () => {
    await knowLayer(store, 'layer', [deb('a', '1'), deb('b', '1')]);
    await publish(store, [advisory('CVE-1', { package: 'a' })], 1000);
    await publish(store, [], 5000);
    const sizes = await store.sizes.tables();
    const of = (table: string): object | undefined => sizes.find((each) => each.table === table);
    expect(sizes.map(({ table }) => table)).toEqual(sizes.map(({ table }) => table).toSorted());
    expect(of('feature')).toMatchObject({ rows: 2, oldest: null, newest: null });
    expect(of('change_log')).toMatchObject({ rows: 2, oldest: 1000, newest: 5000 });
    expect(of('notification')).toMatchObject({ rows: 0, oldest: null, newest: null });
    const { total, free } = await store.sizes.space();
    const sum = sizes.reduce((bytes, each) => bytes + each.bytes, 0);
    expect(total - (free ?? 0) - sum).toBeGreaterThan(0);
    expect(total - (free ?? 0) - sum).toBeLessThan(50_000);
  });

  it('shrink when free space is returned', async () => {
    const packages = Array.from({ length: 3000 }, (__, index) => deb(`package-${index}`, '1'));
    await knowLayer(store, 'layer', packages);
    await store.layers.remove('layer');
    await store.retention.apply(await store.retention.plan({}));
    const before = await store.sizes.space();
    await store.sizes.compact();
    const after = await store.sizes.space();
    const isPostgres = before.free === undefined;
    expect(before.free ?? before.total).toBeGreaterThan(before.total / 2);
    expect(after.free ?? 0).toBe(0);
    // On PostgreSQL, the size may grow, because PostgreSQL keeps rows that another transaction on the server might
    // read, and rewrites its catalog.
    expect(after.total).toBeLessThan(isPostgres ? before.total * 1.1 : before.total / 2);
  });
});
