import { createHttpClient } from '../bytes/http/client.ts';
import { pauseOfClock } from '../bytes/http/retries.ts';
import { createRetryingHttp } from '../bytes/http/retrying-client.ts';
import type { Store } from '../database/contracts/store.ts';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';
import { createUpdater, type Updater, type UpdaterSettings } from '../updater/updater.ts';
import { clairVersion } from '../version.ts';

/** The updater of all feeds. The caller must close its HTTP client. */
export type FeedUpdater = { readonly updater: Updater; readonly close: () => Promise<void> };

/**
 * Creates the updater of all feeds. Feed URLs come from the operator, so the updater may fetch from any host.
 */
export function composeFeedUpdater(store: Store, settings: UpdaterSettings): FeedUpdater {
  const http = createHttpClient({ version: clairVersion(), minimumRate: settings.minimumRate });
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
