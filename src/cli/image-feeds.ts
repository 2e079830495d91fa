import type { Clair } from '../compose/clair.ts';
import { ClairError } from '../errors.ts';
import type { Layer } from '../model/layer.ts';
import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { Console } from './console.ts';
import { createProgressLine } from './output/progress-line.ts';
import { updateFeed } from './feed-update.ts';

/** The minimum age of a feed before `--update` downloads it again, so that consecutive builds share one download. */
export const ASKED_AGAIN_MS: number = 60 * 60 * 1000;

/**
 * Updates the feeds of the topmost layer of an image and the enrichments (NVD, EPSS, KEV), each once; returns diagnostics of failed
 * updates.
 */
export type ImageFeeds = (layer: Pick<Layer, 'id' | 'distribution'>) => Promise<readonly Diagnostic[]>;

/**
 * Creates the update of `--update`, which skips feeds that are less than {@link ASKED_AGAIN_MS} old. A feed that fails keeps its
 * data and becomes a diagnostic of the report.
 *
 * @param wanted the configured feeds
 */
export function createImageFeeds(
  { updater, store }: Pick<Clair, 'updater' | 'store'>,
  console: Console,
  wanted: readonly string[],
): ImageFeeds {
  const progress = createProgressLine(console, Date.now);
  const asked = new Map<string, Promise<readonly Diagnostic[]>>();

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

  async function updateAll(feeds: readonly string[]): Promise<readonly Diagnostic[]> {
    const diagnostics: Diagnostic[] = [];
    for (const feed of feeds.filter((each) => wanted.includes(each))) {
      const known = asked.get(feed) ?? update(feed);
      asked.set(feed, known);
      diagnostics.push(...(await known));
    }
    return diagnostics;
  }

  return async ({ id, distribution }) => {
    const ofRelease = distribution === null ? [] : updater.feedsOf(distribution.namespace);
    const diagnostics = await updateAll(ofRelease);
    // Language packages that the distribution owns are counted only if no feed covers the distribution, so the feeds of
    // the distribution are updated first.
    const namespaces = [...(await store.layers.namespaces(id)).keys()];
    const others = [...new Set(namespaces.flatMap((each) => updater.feedsOf(each)))];
    // Without a covering feed there are no findings for enrichments to rate.
    const enrichers = ofRelease.length > 0 || others.length > 0 ? updater.enrichers : [];
    const rest = [...others.filter((each) => !ofRelease.includes(each)), ...enrichers];
    return [...diagnostics, ...(await updateAll(rest))];
  };
}
