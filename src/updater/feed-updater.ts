import { createHttpClient } from '../bytes/http/client.ts';
import { pauseOfClock } from '../bytes/http/retries.ts';
import { createRetryingHttp } from '../bytes/http/retrying-client.ts';
import type { Store } from '../database/contracts/store.ts';
import { ENRICHERS } from './enrichers/index.ts';
import { FETCHERS } from './fetchers/index.ts';
import { createUpdater, type Updater, type UpdaterSettings } from './updater.ts';

/** The updater of all feeds, and a function that closes its HTTP client. */
export type FeedUpdater = { readonly updater: Updater; readonly close: () => Promise<void> };

/**
 * Creates the updater of all feeds. Feed URLs come from the operator, so the updater may fetch from any host.
 *
 * @param version the release of Clair, for the User-Agent header
 */
export function createFeedUpdater(store: Store, settings: UpdaterSettings, version: string): FeedUpdater {
  const http = createHttpClient({ version, minimumRate: settings.minimumRate });
  const updater = createUpdater({
    store,
    fetchers: FETCHERS,
    enrichers: ENRICHERS,
    http: createRetryingHttp(http, pauseOfClock),
    now: store.now,
    settings,
  });
  return { updater, close: http.close };
}
