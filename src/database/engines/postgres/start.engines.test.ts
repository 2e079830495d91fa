import { expect, it } from 'vitest';
import { startCuttingProxy } from '../../../../test/faults/instances/cutting-proxy.ts';
import { newPostgresSource } from '../../testing/stores.ts';
import { openPostgres } from './engine.ts';

// Cuts after these numbers of bytes fall into the connection test, the migration, and the read of the catalog.
it.each([100, 600, 1300, 3000])(
  'starts again when its connection is cut after %d bytes of the start',
  async (bytes) => {
    const source = new URL(newPostgresSource());
    const proxy = await startCuttingProxy(Number(source.port));
    source.port = String(proxy.port);
    proxy.cutWithin(bytes);
    try {
      const engine = await openPostgres(source.href);
      expect(proxy.cutsWithin()).toBe(1);
      expect(await engine.read.get('SELECT count(*) AS count FROM layer')).toEqual({ count: 0 });
      await engine.close();
    } finally {
      await proxy.close();
    }
  },
);
