import type { FastifyBaseLogger } from 'fastify';
import type { HttpClient } from '../bytes/http-client.ts';
import type { Store } from '../database/store.ts';
import type { Health } from '../health/health.ts';
import type { Worker } from '../worker/worker.ts';

/** The services that the routes of every generation answer from. */
export type ApiOptions = {
  readonly store: Store;
  readonly worker: Worker;
  readonly health: Health;
  /** Fetches the layers that clients name by URL; it has the policy for hosts. */
  readonly http: HttpClient;
  /** The directories below which clients may name layers by path. */
  readonly allowedPaths: readonly string[];
  readonly log: FastifyBaseLogger;
};
