import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createApi } from './api/server.ts';
import { createHostPolicy } from './bytes/host-policy.ts';
import { createHttpClient } from './bytes/http-client.ts';
import { type DatabaseOptions, openStore } from './database/open-store.ts';
import type { Store } from './database/store.ts';
import { createHealth } from './health/health.ts';
import { FETCHERS } from './updater/fetchers/index.ts';
import { createUpdater, type Updater } from './updater/updater.ts';
import { clairVersion } from './version.ts';
import { DETECTORS } from './worker/detectors/index.ts';
import type { ImageSource } from './worker/sources/image-source.ts';
import type { RegistryAccess } from './worker/sources/registry-client.ts';
import { type OpenImageOptions, openImage, type Target } from './worker/sources/target.ts';
import { createWorker, type Worker } from './worker/worker.ts';

/** The services of one Clair, wired to each other. Close it when done. */
export type Clair = {
  readonly store: Store;
  readonly worker: Worker;
  readonly updater: Updater;
  /**
   * Makes the HTTP server over the same services.
   *
   * @throws ClairError `cli/usage` for an allowed host that is none.
   */
  readonly api: (options: ServerOptions) => Promise<FastifyInstance>;
  readonly close: () => Promise<void>;
};

/** What clients of the server may name as the location of a layer, and where it logs. */
export type ServerOptions = {
  /** Directories below which a layer may be named by path. */
  readonly allowedPaths: readonly string[];
  /** Names, addresses and CIDR ranges that a layer may be fetched from although they are not public. */
  readonly allowedHosts: readonly string[];
  readonly log: FastifyBaseLogger;
};

/**
 * Wires all services by hand, on one database. The addresses of the updater are the operator's, and it may fetch from
 * anywhere; those of layers come from clients, and have an HTTP client of their own with a policy.
 *
 * @throws ClairError `database/…` when the database cannot be opened.
 */
export async function composeClair(database: DatabaseOptions): Promise<Clair> {
  const version = clairVersion();
  const http = createHttpClient({ version });
  const store = await openStore(database);
  const worker = createWorker({ store, detectors: DETECTORS });
  return {
    store,
    worker,
    updater: createUpdater({ store, fetchers: FETCHERS, http, now: Date.now }),
    async api({ allowedHosts, ...options }) {
      const layerHttp = createHttpClient({ version, policy: createHostPolicy({ allowedHosts }) });
      const server = await createApi({ store, worker, http: layerHttp, health: createHealth({ store }), ...options });
      server.addHook('onClose', async () => await layerHttp.close());
      return server;
    },
    async close() {
      await http.close();
      await store.close();
    },
  };
}

/** Which image is wanted, and how registries may be asked for it. */
export type TargetOptions = Pick<OpenImageOptions, 'platform' | 'signal'> & Omit<RegistryAccess, 'http'>;

/**
 * Opens the image of a target, with an HTTP client of its own for registries, which is closed with the image. Like the
 * sources of the updater they are the operator's, and may lie anywhere.
 *
 * @throws ClairError `image/…`, `bytes/…` or `registry/…`.
 */
export async function openTargetImage(target: Target, options: TargetOptions): Promise<ImageSource> {
  const http = createHttpClient({ version: clairVersion() });
  try {
    const image = await openImage(target, { ...options, registry: { ...options, http } });
    return {
      ...image,
      async close() {
        await image.close();
        await http.close();
      },
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}
