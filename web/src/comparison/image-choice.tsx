import type { VNode } from 'preact';
import { isDigest } from '../../../src/model/digest.ts';
import type { ApiClient } from '../api-client.ts';
import type { ImageList, ImageSummary } from '../api-shapes.ts';
import { knownImage } from '../known-image.ts';
import { useLoaded } from '../loaded.ts';
import { AgoWord } from '../parts/ago-word.tsx';
import { LoadingView } from '../parts/loading-view.tsx';
import { usePaused } from '../keyboard/paused-text.ts';
import { ReferenceWord } from '../parts/reference-word.tsx';
import { shortDigest } from '../words.ts';

/** The number of images to choose from; a search finds the other images. */
const SHOWN = '20';

/** The ID of the heading, to which the page moves the focus. */
export const CHOICE_TITLE: string = 'choice-title';

/** The maximum length of a search that the API accepts, in characters. */
const MAX_SEARCH = 256;

/**
 * Shows images to choose from: the images whose reference contains a text or, without a text, the images of the same
 * repository as the other image, if there are any, and otherwise all images.
 *
 * @param other the digest or reference of the other image; empty if it is not chosen either
 * @param addressOf returns the address of the page with the chosen image
 */
export function ImageChoice({
  api,
  words,
  text,
  other,
  addressOf,
}: {
  readonly api: ApiClient;
  readonly words: string;
  readonly text: string;
  readonly other: string;
  readonly addressOf: (digest: string) => string;
}): VNode {
  const asked = usePaused(text.trim());
  const [loaded, reload] = useLoaded(
    async (signal) => await imagesToChoose(api, asked, other, signal),
    `${other} ${asked}`,
    other,
  );
  return (
    <section aria-labelledby={CHOICE_TITLE}>
      <h2 id={CHOICE_TITLE} tabIndex={-1}>
        {words}
      </h2>
      <LoadingView loaded={loaded} what="the images" reload={reload}>
        {(images) =>
          images.length === 0 ? (
            <p class="empty">
              No {other === '' ? '' : 'other '}image{asked === '' ? ' is indexed' : ` matches “${asked}”`}.
            </p>
          ) : (
            <ul class="image-choice">
              {images.map(({ digest, reference, platform, scannedAt }) => (
                <li key={digest}>
                  <a href={addressOf(digest)}>
                    <ReferenceWord reference={reference} />
                  </a>
                  <small>
                    {platform} · <code>{shortDigest(digest)}</code> · scanned <AgoWord at={scannedAt} />
                  </small>
                </li>
              ))}
            </ul>
          )
        }
      </LoadingView>
    </section>
  );
}

/** Shows the reference of an image that is given by its digest, and nothing for a reference or an unknown digest. */
export function ImageName({ api, of }: { readonly api: ApiClient; readonly of: string }): VNode | null {
  const [loaded] = useLoaded(async (signal) => await imageOf(api, of, signal), of);
  if (loaded.state !== 'ready' || loaded.value === undefined) return null;
  const { reference, platform } = loaded.value;
  return (
    <span class="image-name">
      <ReferenceWord reference={reference} /> <small>{platform}</small>
    </span>
  );
}

async function imageOf(api: ApiClient, name: string, signal: AbortSignal): Promise<ImageSummary | undefined> {
  return isDigest(name) ? await knownImage(api, name, signal) : undefined;
}

async function imagesToChoose(
  api: ApiClient,
  text: string,
  other: string,
  signal: AbortSignal,
): Promise<readonly ImageSummary[]> {
  const found = async (search: string): Promise<readonly ImageSummary[]> => {
    const query = new URLSearchParams({ limit: SHOWN, ...(search !== '' && { search: search.slice(0, MAX_SEARCH) }) });
    const { images } = await api.get<ImageList>(`images?${query.toString()}`, signal);
    return images.filter(({ digest, reference }) => digest !== other && reference !== other);
  };
  if (text !== '' || other === '') return await found(text);
  const reference = isDigest(other) ? (await knownImage(api, other, signal))?.reference : other;
  const related = reference === undefined ? [] : await found(repositoryOf(reference));
  return related.length > 0 ? related : await found('');
}

/** Returns a reference without its tag and digest. */
function repositoryOf(reference: string): string {
  return reference.replace(/@.*$/, '').replace(/:[\w.-]+$/, '');
}
