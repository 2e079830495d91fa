import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createApi } from './api/server.ts';
import { createHttpClient } from './bytes/http-client.ts';
import { type DatabaseOptions, openStore } from './database/open-store.ts';
import type { Store } from './database/store.ts';
import { createHealth } from './health/health.ts';
import { FETCHERS } from './updater/fetchers/index.ts';
import { createUpdater, type Updater } from './updater/updater.ts';
import { clairVersion } from './version.ts';
import { DETECTORS } from './worker/detectors/index.ts';
import { createWorker, type Worker } from './worker/worker.ts';

/** The services of one Clair, wired to each other. Close it when done. */
export type Clair = {
  readonly store: Store;
  readonly worker: Worker;
  readonly updater: Updater;
  /** Makes the HTTP server over the same services. */
  readonly api: (options: ServerOptions) => Promise<FastifyInstance>;
  readonly close: () => Promise<void>;
};

export type ServerOptions = { readonly allowedPaths: readonly string[]; readonly log: FastifyBaseLogger };

/**
 * Wires all services by hand, on one database.
 *
 * @throws ClairError `database/…` when the database cannot be opened.
 */
export async function composeClair(database: DatabaseOptions): Promise<Clair> {
  const http = createHttpClient({ version: clairVersion() });
  const store = await openStore(database);
  const worker = createWorker({ store, detectors: DETECTORS });
  return {
    store,
    worker,
    updater: createUpdater({ store, fetchers: FETCHERS, http, now: Date.now }),
    api: (options) => createApi({ store, worker, http, health: createHealth({ store }), ...options }),
    async close() {
      await http.close();
      await store.close();
    },
  };
}
