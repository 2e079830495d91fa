import type { Store } from '../../database/contracts/store.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import { createFeedUpdater } from '../../updater/feed-updater.ts';
import { clairVersion } from '../../version.ts';
import type { Console } from '../console.ts';
import type { ImageOptions } from '../image-options.ts';
import { registryAccess } from '../settings/registry-access.ts';
import type { UpdaterPlan } from '../settings/updater-settings.ts';
import { createImageFeeds, createUpdatedFeeds, type ImageFeeds, type RefreshFeeds } from './image-feeds.ts';
import { createPulledFeeds } from './pulled-feeds.ts';

/** The settings of a command that refreshes the feeds of its images. */
export type FeedRefreshOptions = { readonly plan: UpdaterPlan; readonly options: ImageOptions };

/** The function that refreshes the feeds of images. The caller must close its HTTP client. */
export type FeedRefresh = { readonly updateFeeds: ImageFeeds; readonly close: () => Promise<void> };

/**
 * Creates the function that refreshes the feeds of images: first pulls the feeds from the published database of the
 * configuration, unless Clair is offline, and then, with `--update`, updates the feeds.
 */
export function openFeedRefresh(store: Store, console: Console, { plan, options }: FeedRefreshOptions): FeedRefresh {
  const { database, settings } = plan;
  const { updater, close } = createFeedUpdater(store, settings, clairVersion());
  const services = { store, updater };
  const refreshes = [
    ...(database === undefined || settings.offline === true
      ? []
      : [
          createPulledFeeds(services, console, {
            database,
            access: registryAccess(console, options),
            maxShrink: settings.maxShrink,
          }),
        ]),
    ...(options.update ? [createUpdatedFeeds(services, console)] : []),
  ];
  const refresh: RefreshFeeds = async (feeds) => {
    let diagnostics: readonly Diagnostic[] = [];
    // After an update, a failed pull no longer matters.
    for (const each of refreshes) diagnostics = await each(feeds);
    return diagnostics;
  };
  return { updateFeeds: createImageFeeds(services, plan.feeds, refresh), close };
}
