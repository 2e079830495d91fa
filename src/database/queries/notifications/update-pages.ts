import { severityOfRank } from '../../../model/severity.ts';
import type { ImagePosition } from '../../contracts/matches.ts';
import type { EntryPage, EntryPosition, UpdateEntry } from '../../contracts/update-notifications.ts';
import type { Queries } from '../../engines/engine.ts';
import { walkImages, type WalkStep } from '../affected/affected-images.ts';
import { partsOf } from '../row-pages.ts';
import { comparePlaces, createUpdateReader, type Effect, effectsOnImage, type UpdateReader } from './update-entries.ts';
import { imagesOfUpdate, type UpdatedImage } from './update-images.ts';

/**
 * The number of images that are examined first, and the number of images whose effects are read together. Both numbers
 * are small, because a single image may fill a page.
 */
const FIRST_IMAGES = 10;
const IMAGES_AT_ONCE = 10;

/** The number of entries whose texts are read together. */
const ENTRIES_AT_ONCE = 100;

/** The length of the texts, in characters, above which a page ends. */
const MAX_PAGE_LENGTH = 4 * 1024 * 1024;

/** The data of a notification that its pages need. */
type PagedNotification = {
  readonly id: number;
  /** The highest image id; images with higher ids are not in the pages. */
  readonly lastImage: number;
  /**
   * Returns whether the notification still exists. Housekeeping may remove the notification in parts during the read.
   */
  readonly isKept: () => Promise<boolean>;
};

/** Reads a page of the entries of a notification; see `UpdateNotificationStore.page`. */
export async function readEntryPage(
  read: Queries,
  { id, lastImage, isKept }: PagedNotification,
  { after, limit }: { readonly after: EntryPosition | undefined; readonly limit: number },
): Promise<EntryPage> {
  const reader = createUpdateReader(read, id);
  const entries: UpdateEntry[] = [];
  let length = 0;
  let next = after;
  const walk = walkImages(read, imagesOfUpdate(read, id, lastImage), startOf(after), FIRST_IMAGES);
  for await (const { found, reached, isLast } of walk) {
    for await (const { place, entry } of entriesOf(found, { reader, isKept }, after)) {
      if (entries.length === limit || length > MAX_PAGE_LENGTH) return { entries, next };
      entries.push(entry);
      length += entry.description.length + entry.links.length;
      next = place;
    }
    next = { ...reached, entry: undefined };
    if (isLast) return { entries, next };
  }
  return { entries, next: undefined };
}

/**
 * Returns the position from which images are examined. Includes the image of a position with an entry, because this
 * image may have more entries.
 */
function startOf(after: EntryPosition | undefined): ImagePosition {
  if (after === undefined) return { layer: 0, image: 0 };
  return after.entry === undefined ? after : { layer: after.layer, image: after.image - 1 };
}

type Place = { readonly effect: Effect; readonly at: ImagePosition; readonly digest: string };

type FoundImages = WalkStep<UpdatedImage>['found'];

/** Yields the entries of images after a position, in order. */
async function* entriesOf(
  images: FoundImages,
  { reader, isKept }: { readonly reader: UpdateReader } & Pick<PagedNotification, 'isKept'>,
  after: EntryPosition | undefined,
): AsyncGenerator<{ readonly place: EntryPosition; readonly entry: UpdateEntry }, void> {
  for (let start = 0, size = IMAGES_AT_ONCE; start < images.length; start += size) {
    // The reader clears its cached effects only between two parts, so small parts limit the cache.
    size = reader.hasManyEffects() ? 1 : IMAGES_AT_ONCE;
    const part = images.slice(start, start + size);
    const effects = await reader.effectsOf(part.flatMap(({ image }) => [...image.features.keys()]));
    const products = await reader.productsOf(
      part.map(({ at, image }) => ({ id: at.image, features: image.features })),
      effects,
    );
    const found: Place[] = [];
    for (const { at, image } of part) {
      for (const effect of await effectsOnImage(effects, image.features, products.get(at.image))) {
        if (isAfter(effect, at, after)) found.push({ effect, at, digest: image.digest });
      }
    }
    for (const some of partsOf(found, ENTRIES_AT_ONCE)) {
      const texts = await reader.textsOf(some.map(({ effect }) => effect.change));
      for (const { effect, at, digest } of some) {
        const { change, reason, severity, namespace, package: name, fixed } = effect;
        const text = texts.get(change);
        if (text === undefined) {
          if (!(await isKept())) return;
          throw new Error(`the text of change ${change}, which a notification contains, is missing`);
        }
        const described = { namespace, package: name, fixed, severity: severityOfRank(severity) };
        yield {
          place: { ...at, entry: { change, reason } },
          entry: { image: digest, reason, ...described, ...text },
        };
      }
    }
  }
}

function isAfter(effect: Effect, at: ImagePosition, after: EntryPosition | undefined): boolean {
  if (after?.entry === undefined || after.layer !== at.layer || after.image !== at.image) return true;
  return comparePlaces(effect, after.entry) > 0;
}
