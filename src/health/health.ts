import type { Store } from '../database/contracts/store.ts';
import type { ReplicaStatus } from '../database/engines/replica-status.ts';
import { summaryOfFeed } from '../model/report/feed-summary.ts';

export type ServiceHealth = {
  readonly isHealthy: boolean;
  /** Whether Clair cannot respond to requests without this service. */
  readonly isEssential: boolean;
  readonly details: Readonly<Record<string, unknown>>;
};

export type Health = { readonly check: () => Promise<Readonly<Record<string, ServiceHealth>>> };

export type HealthOptions = {
  readonly store: Store;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Returns the health checks of the running services by service name. */
  readonly services?: () => Readonly<Record<string, () => Promise<ServiceHealth>>>;
};

/**
 * Creates the health check of the database, the read replica, the feeds and all running services. The check never
 * throws.
 */
export function createHealth({ store, now, services = () => ({}) }: HealthOptions): Health {
  return {
    async check() {
      const others = Object.entries(services()).map(async ([name, check]) => [name, await healthOf(check)] as const);
      return {
        database: await databaseHealth(store),
        ...(store.replica && { replica: replicaHealth(store.replica()) }),
        updater: await updaterHealth(store, now()),
        ...Object.fromEntries(await Promise.all(others)),
      };
    },
  };
}

/** Returns the health of a service; if the check of a service throws, the service is unhealthy. */
async function healthOf(check: () => Promise<ServiceHealth>): Promise<ServiceHealth> {
  try {
    return await check();
  } catch (error) {
    return { isHealthy: false, isEssential: false, details: { error: reason(error) } };
  }
}

async function databaseHealth(store: Store): Promise<ServiceHealth> {
  try {
    await store.check();
    return { isHealthy: true, isEssential: true, details: {} };
  } catch (error) {
    // While the replica serves reads, a failed primary is not essential.
    const isEssential = store.replica?.().state !== 'serving';
    return { isHealthy: false, isEssential, details: { error: reason(error) } };
  }
}

function replicaHealth({ state, lag, error }: ReplicaStatus): ServiceHealth {
  const details = { state, lagMilliseconds: lag, ...(error !== undefined && { error }) };
  return { isHealthy: state === 'serving', isEssential: false, details };
}

/**
 * Returns the health of the updater. The updater is healthy if at least one feed was updated, the last update of every
 * feed succeeded, and no feed is stale.
 */
async function updaterHealth(store: Store, now: number): Promise<ServiceHealth> {
  try {
    const states = await store.feeds.all();
    const feeds = states.map((state) => summaryOfFeed(state, now));
    const works =
      feeds.length > 0 && feeds.every((each) => each.error === null && each.updatedAt !== null && !each.isStale);
    return { isHealthy: works, isEssential: false, details: { feeds } };
  } catch (error) {
    return { isHealthy: false, isEssential: false, details: { error: reason(error) } };
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
