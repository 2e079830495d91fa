import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from '../../database/testing/stores.ts';
import { openStore, type SharedDatabaseOptions } from '../../database/open-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { UpdaterSettings } from '../updater.ts';
import { createUpdaterThread } from './updater-thread.ts';

const FEED = pathToFileURL(fileURLToPath(new URL('../testing/debian-feed.json', import.meta.url))).href;

const SHARED = ENGINES.map(([, options]) => options()).filter(
  (options): options is SharedDatabaseOptions => options.type !== 'memory',
);

describe.each(SHARED)('the thread of the updater, on $type', (database) => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(database);
  });
  afterAll(() => store.close());

  async function updateDebian(settings: UpdaterSettings, signal?: AbortSignal): Promise<unknown> {
    const thread = createUpdaterThread({ database, version: '1', settings });
    try {
      return await thread.update('debian', signal && { signal });
    } finally {
      await thread.close();
    }
  }

  it('rejects with the same errors as the updater', async () => {
    await expect(updateDebian({ offline: true })).rejects.toMatchObject({
      code: 'update/offline',
      message: expect.stringContaining('debian is published at'),
    });
  });

  it('aborts an update and releases its lock', async () => {
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const silent = createServer(() => asked());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const before = await store.feeds.find('debian');
    const stop = new AbortController();
    const update = updateDebian({ addresses: { debian: `http://127.0.0.1:${port}/` } }, stop.signal);
    const [outcome] = await Promise.allSettled([update, isAsked.then(() => stop.abort())]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'bytes/unreachable' } });
    // An aborted update is not recorded as failed.
    expect(await store.feeds.find('debian')).toEqual(before);
    expect(await store.locks.acquire('update:debian', 'somebody else', 1)).toBe(true);
    await store.locks.release('update:debian', 'somebody else');
    silent.closeAllConnections();
    silent.close();
  });

  it('stores the feed, which other connections can read', async () => {
    const before = await store.version();
    const result = await updateDebian({ addresses: { debian: FEED } });
    const state = await store.feeds.find('debian');
    expect(result).toMatchObject({ kind: 'updated', counts: { added: state?.vulnerabilities, withdrawn: 0 } });
    expect(state?.vulnerabilities).toBeGreaterThan(0);
    expect(await store.version()).not.toBe(before);
  });
});
