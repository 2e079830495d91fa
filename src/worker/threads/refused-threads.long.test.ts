import { createRequire, syncBuiltinESMExports } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';

const library: { Worker: new (...values: unknown[]) => object } = createRequire(import.meta.url)('node:worker_threads');
const { Worker } = library;
const listeners = process.listeners('uncaughtException');

afterEach(() => {
  library.Worker = Worker;
  syncBuiltinESMExports();
  process.removeAllListeners('uncaughtException');
  for (const each of listeners) process.on('uncaughtException', each);
});

it('a refused thread after an abort does not end the process', async () => {
  let isRefused = false;
  library.Worker = class extends Worker {
    constructor(...values: unknown[]) {
      if (isRefused) throw new Error('the system permits no more threads');
      super(...values);
    }
  };
  syncBuiltinESMExports();
  const unhandled: unknown[] = [];
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => unhandled.push(error));
  // Piscina takes the class of threads when it is loaded.
  const { createReaderPool } = await import('./reader-pool.ts');
  const pool = createReaderPool({ threads: 1, areStarted: true });
  await setTimeout(1500);

  const control = new AbortController();
  const reading = pool.read({ where: 'layer', open: async () => slowBytes() }, { signal: control.signal });
  await setTimeout(1500);
  isRefused = true;
  control.abort(new Error('the client is gone'));
  await expect(reading).rejects.toThrow('the client is gone');
  await setTimeout(1000);
  expect(unhandled).toEqual([]);
  await pool.close();
}, 30_000);

async function* slowBytes(): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield new Uint8Array(1000);
    await setTimeout(20);
  }
}
