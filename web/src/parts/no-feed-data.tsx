import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { FeedRow } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';

/** Shows the warning that no feed has data, and what to do. Without feed data, no image has findings. */
export function NoFeedData({ linksFeeds = true }: { readonly linksFeeds?: boolean }): VNode {
  return (
    <div class="notice incomplete">
      <p>
        <b>No advisories have been imported yet,</b> so Clair finds no vulnerabilities. Run <code>clair update</code>,
        or wait until the server updates the feeds.
        {linksFeeds && (
          <>
            {' '}
            <a href="#/feeds">Show the feeds</a>
          </>
        )}
      </p>
    </div>
  );
}

/** Loads the feeds, and shows {@link NoFeedData} if no feed of vulnerabilities has data. */
export function NoFeedWarning({
  api,
  whenLoaded,
}: {
  readonly api: ApiClient;
  readonly whenLoaded: (feeds: readonly FeedRow[]) => void;
}): VNode | null {
  const [loaded] = useLoaded(
    async (signal) => await api.get<{ readonly feeds: readonly FeedRow[] }>('feeds', signal),
    'feeds',
  );
  const feeds = loaded.state === 'ready' ? loaded.value.feeds : undefined;
  useEffect(() => feeds && whenLoaded(feeds), [feeds]);
  if (loaded.state === 'failed') {
    return (
      <div class="notice incomplete">
        <p>
          <b>Could not check whether feeds have data.</b> Reload the page.
        </p>
      </div>
    );
  }
  if (loaded.state === 'loading') return null;
  return hasFeedData(loaded.value.feeds.filter(({ holds }) => holds !== 'enrichments')) ? null : <NoFeedData />;
}

/** Returns whether a feed has data, even if the data is old. */
export function hasFeedData(feeds: readonly Pick<FeedRow, 'ageSeconds'>[]): boolean {
  return feeds.some(({ ageSeconds }) => ageSeconds !== null);
}
