import type { VNode } from 'preact';
import type { ApiClient } from '../api-client.ts';
import type { ImageWithHistory } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { AgoWord } from '../parts/ago-word.tsx';
import { comparisonAddress, imageAddress } from '../place.ts';
import { shortDigest } from '../words.ts';

/** Shows the other images with the same reference: earlier images, and images for other platforms. */
export function OtherImages({
  api,
  path,
  digest: own,
}: {
  readonly api: ApiClient;
  readonly path: string;
  readonly digest: string;
}): VNode {
  const [loaded, reload] = useLoaded(async (signal) => await api.get<ImageWithHistory>(path, signal), path);
  return (
    <section aria-labelledby="others-title">
      <h2 id="others-title">Other images with this reference</h2>
      <LoadingView loaded={loaded} what="the other images" reload={reload}>
        {({ history }) =>
          history.length === 0 ? (
            <p class="faint">No other images.</p>
          ) : (
            <ul>
              {history.map(({ digest, platform, scannedAt }) => (
                <li key={digest}>
                  <a href={imageAddress(digest)}>{shortDigest(digest)}</a> {platform}, scanned{' '}
                  <AgoWord at={scannedAt} />{' '}
                  <a href={comparisonAddress(digest, own)} aria-label={`Compare with ${shortDigest(digest)}`}>
                    Compare
                  </a>
                </li>
              ))}
            </ul>
          )
        }
      </LoadingView>
      <p>
        <a href={comparisonAddress(own, '')}>Compare with another image</a>
      </p>
    </section>
  );
}
