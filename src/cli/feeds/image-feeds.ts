import type { LayerStore } from '../../database/contracts/layers.ts';
import { ClairError } from '../../errors.ts';
import type { Layer } from '../../model/layer.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import type { Updater } from '../../updater/updater.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Console } from '../console.ts';
import { createProgressLine } from '../output/progress-line.ts';
import { updateFeed } from './feed-update.ts';

/**
 * The minimum age of a feed before a command for images, such as `clair scan --update`, downloads or pulls the feed
 * again. Consecutive builds therefore share a download.
 */
export const ASKED_AGAIN_MS: number = 60 * 60 * 1000;

/**
 * Updates the feeds that cover an image and the enrichment feeds (NVD, EPSS, KEV), each feed at most once. `layer` is
 * the topmost layer of the image, and `store` contains the layer. Returns the diagnostics of failed updates.
 */
export type ImageFeeds = (
  layer: Pick<Layer, 'id' | 'distribution'>,
  store: { readonly layers: Pick<LayerStore, 'namespaces'> },
) => Promise<readonly Diagnostic[]>;

/** The updater of the feeds, and the store of their data. */
export type FeedServices = { readonly updater: Updater; readonly store: Store };

/** Updates feeds; returns the diagnostics of failed updates. */
export type RefreshFeeds = (feeds: readonly string[]) => Promise<readonly Diagnostic[]>;

/**
 * Creates the function that updates the feeds of an image.
 *
 * @param wanted the configured feeds
 * @param refresh updates feeds; receives each feed at most once
 */
export function createImageFeeds(
  { updater }: { readonly updater: Pick<Updater, 'feedsOf' | 'enrichers'> },
  wanted: readonly string[],
  refresh: RefreshFeeds,
): ImageFeeds {
  const asked = new Map<string, Promise<readonly Diagnostic[]>>();

  async function updateAll(feeds: readonly string[]): Promise<readonly Diagnostic[]> {
    const listed = feeds.filter((each) => wanted.includes(each));
    const due = listed.filter((each) => !asked.has(each));
    const diagnostics = refresh(due);
    for (const feed of due) asked.set(feed, ofFeed(feed, diagnostics));
    const all = await Promise.all(listed.map(async (feed) => (await asked.get(feed)) ?? []));
    return all.flat();
  }

  return async ({ id, distribution }, store) => {
    const ofRelease = distribution === null ? [] : updater.feedsOf(distribution.namespace);
    const diagnostics = await updateAll(ofRelease);
    // If a feed covers the distribution, `namespaces` leaves out the language packages that the distribution owns, so
    // the feeds of the distribution are updated first.
    const namespaces = [...(await store.layers.namespaces(id)).keys()];
    const others = [...new Set(namespaces.flatMap((each) => updater.feedsOf(each)))];
    // Without a covering feed, the image has no findings to enrich.
    const enrichers = ofRelease.length > 0 || others.length > 0 ? updater.enrichers : [];
    const rest = [...others.filter((each) => !ofRelease.includes(each)), ...enrichers];
    return [...diagnostics, ...(await updateAll(rest))];
  };
}

async function ofFeed(feed: string, all: Promise<readonly Diagnostic[]>): Promise<readonly Diagnostic[]> {
  return (await all).filter(({ where }) => where === feed);
}

/**
 * Creates the function for `--update`, which skips feeds that are less than {@link ASKED_AGAIN_MS} old. If the update
 * of a feed fails, the stored data of the feed remains, and the report contains a diagnostic.
 */
export function createUpdatedFeeds({ updater, store }: FeedServices, console: Console): RefreshFeeds {
  const progress = createProgressLine(console, Date.now);

  async function update(feed: string): Promise<readonly Diagnostic[]> {
    const { lastSuccess = null } = (await store.feeds.find(feed)) ?? {};
    if (lastSuccess !== null && store.now() - lastSuccess < ASKED_AGAIN_MS) return [];
    try {
      console.err(await updateFeed(feed, { console, updater, progress }));
      return [];
    } catch (error) {
      if (!(error instanceof ClairError) || console.signal.aborted) throw error;
      const message = `${feed} could not be updated: ${error.message} [${error.code}]`;
      const code = updater.enrichers.includes(feed) ? 'enrichment-update-failed' : 'feed-update-failed';
      return [{ code, message, where: feed }];
    }
  }

  return async (feeds) => {
    const diagnostics: Diagnostic[] = [];
    for (const feed of feeds) diagnostics.push(...(await update(feed)));
    return diagnostics;
  };
}
