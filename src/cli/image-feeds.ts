import type { Clair } from '../compose/clair.ts';
import { ClairError } from '../errors.ts';
import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { Console } from './console.ts';
import { createProgressLine } from './output/progress-line.ts';
import { updateFeed } from './feed-update.ts';

/** Within it a feed is not asked again: builds that run one after the other would each fetch the same document. */
export const ASKED_AGAIN_MS: number = 60 * 60 * 1000;

/** Updates the feeds of a release, and the NVD, EPSS and KEV, each once; gives what could not be updated. */
export type ImageFeeds = (namespace: string) => Promise<readonly Diagnostic[]>;

/**
 * Makes what `--update` does before a report: the feeds of a release and the enrichments (NVD, EPSS, KEV) are updated that never
 * were, or not within {@link ASKED_AGAIN_MS}. One that fails keeps its data, and is a diagnostic of the report.
 *
 * @param wanted the feeds that are kept up to date at all
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
      const message = `${feed} could not be brought up to date: ${error.message} [${error.code}]`;
      const code = updater.enrichers.includes(feed) ? 'enrichment-update-failed' : 'feed-update-failed';
      return [{ code, message, where: feed }];
    }
  }

  return async (namespace) => {
    const diagnostics: Diagnostic[] = [];
    const covering = updater.feedsOf(namespace);
    // What no feed speaks of has no findings that they could rate.
    const feeds = covering.length === 0 ? [] : [...covering, ...updater.enrichers];
    for (const feed of feeds.filter((each) => wanted.includes(each))) {
      const known = asked.get(feed) ?? update(feed);
      asked.set(feed, known);
      diagnostics.push(...(await known));
    }
    return diagnostics;
  };
}
