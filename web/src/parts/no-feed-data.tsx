import type { VNode } from 'preact';
import type { ApiClient } from '../api-client.ts';
import type { FeedRow } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';

/** Warns that no feed has data, and states what to do: without feed data, no image has findings. */
export function NoFeedData({ linksFeeds = true }: { readonly linksFeeds?: boolean }): VNode {
  return (
    <div class="notice incomplete">
      <p>
        <b>No feed has been imported yet,</b> so Clair finds no vulnerabilities. Run <code>clair update</code>, or wait
        for the first update of the server.
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

/** Loads the feeds, and shows {@link NoFeedData} if no feed has data. */
export function NoFeedWarning({ api }: { readonly api: ApiClient }): VNode | null {
  const [loaded] = useLoaded(
    async (signal) => await api.get<{ readonly feeds: readonly FeedRow[] }>('feeds', signal),
    'feeds',
  );
  return loaded.state === 'ready' && !hasFeedData(loaded.value.feeds) ? <NoFeedData /> : null;
}

/** Reports whether any feed has data, however old. */
export function hasFeedData(feeds: readonly Pick<FeedRow, 'ageSeconds'>[]): boolean {
  return feeds.some(({ ageSeconds }) => ageSeconds !== null);
}
