import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { ImageSummary } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { type PageTokens, TokenPager, withPage } from '../parts/token-pager.tsx';
import { imageAddress } from '../place.ts';

type TouchedList = {
  readonly images: readonly Pick<ImageSummary, 'digest' | 'reference' | 'platform' | 'scannedAt'>[];
  readonly nextPage: string | null;
};

/** The images here that a vulnerability touches, by pages; a page may have none of what it looked through. */
export function TouchedImages({ api, path }: { readonly api: ApiClient; readonly path: string }): VNode {
  const [tokens, setTokens] = useState<PageTokens>([]);
  const asked = `${path}/images?${withPage({ limit: '25' }, tokens)}`;
  const [loaded, reload] = useLoaded(async (signal) => await api.get<TouchedList>(asked, signal), asked);
  return (
    <section aria-labelledby="touched-title">
      <h2 id="touched-title">Images that it touches</h2>
      <LoadingView loaded={loaded} what="the images" reload={reload}>
        {({ images, nextPage }) => (
          <>
            {images.length === 0 && <p class="empty">No image that is known here is touched by it.</p>}
            <ul>
              {images.map(({ digest, reference, platform, scannedAt }) => (
                <li key={digest}>
                  <a href={imageAddress(digest)}>{reference}</a> {platform}, scanned{' '}
                  <time dateTime={scannedAt}>{scannedAt.slice(0, 16).replace('T', ' ')}</time>
                </li>
              ))}
            </ul>
            <TokenPager tokens={tokens} nextPage={nextPage} label="Pages of images" turn={setTokens} />
          </>
        )}
      </LoadingView>
    </section>
  );
}
