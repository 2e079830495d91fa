import type { Store } from '../database/contracts/store.ts';
import { summaryOfFeed } from '../model/report/feed-summary.ts';

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
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The services that run, by their names, and how to ask each. */
  readonly services?: () => Readonly<Record<string, () => Promise<ServiceHealth>>>;
};

/** Asks each service how it is; never throws. */
export function createHealth({ store, now, services = () => ({}) }: HealthOptions): Health {
  return {
    async check() {
      const others = Object.entries(services()).map(async ([name, check]) => [name, await healthOf(check)] as const);
      return {
        database: await databaseHealth(store),
        updater: await updaterHealth(store, now()),
        ...Object.fromEntries(await Promise.all(others)),
      };
    },
  };
}

/** A service that cannot even tell how it is is not well. */
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
    return { isHealthy: false, isEssential: true, details: { error: reason(error) } };
  }
}

/** Healthy when every feed that was ever tried has data that is not old, and its last attempt worked; none tried yet is not. */
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
