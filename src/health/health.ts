import type { Store } from '../database/store.ts';
import { notifierHealth } from './notifier-health.ts';

/** What one service says of itself. */
export type ServiceHealth = {
  readonly isHealthy: boolean;
  /** Without it Clair cannot answer at all. */
  readonly isEssential: boolean;
  readonly details: Readonly<Record<string, unknown>>;
};

export type Health = { readonly check: () => Promise<Readonly<Record<string, ServiceHealth>>> };

export type HealthOptions = {
  readonly store: Store;
  /** Whether there is a notifier; none when absent. */
  readonly notifies?: () => boolean;
};

/** Asks each service how it is; never throws. */
export function createHealth({ store, notifies = () => false }: HealthOptions): Health {
  return {
    async check() {
      return {
        database: await databaseHealth(store),
        updater: await updaterHealth(store),
        ...(notifies() && { notifier: await notifierHealth(store) }),
      };
    },
  };
}

async function databaseHealth(store: Store): Promise<ServiceHealth> {
  try {
    await store.check();
    return { isHealthy: true, isEssential: true, details: {} };
  } catch (error) {
    return { isHealthy: false, isEssential: true, details: { error: reason(error) } };
  }
}

/** Healthy when every source that was ever tried has data and its last attempt worked; none tried yet is not healthy. */
async function updaterHealth(store: Store): Promise<ServiceHealth> {
  try {
    const states = await store.sources.all();
    const sources = states.map((state) => ({
      name: state.source,
      lastAttempt: new Date(state.lastAttempt).toISOString(),
      lastSuccess: state.lastSuccess === null ? null : new Date(state.lastSuccess).toISOString(),
      error: state.error,
      vulnerabilities: state.vulnerabilities,
      unclearRecords: state.unclear.count,
    }));
    const works = states.length > 0 && states.every((state) => state.error === null && state.lastSuccess !== null);
    return { isHealthy: works, isEssential: false, details: { sources } };
  } catch (error) {
    return { isHealthy: false, isEssential: false, details: { error: reason(error) } };
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
