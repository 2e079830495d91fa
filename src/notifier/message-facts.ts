import type { ResolvedChange } from '../database/contracts/change-log.ts';
import type { IndexedImage } from '../database/contracts/images.ts';
import type { ImagePosition } from '../database/contracts/matches.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { AffectedPackage } from '../model/advisories/advisory.ts';
import type { Notification } from '../model/notification.ts';
import { type Fitting, jsonBytes } from './json-bound.ts';

/** The content of a full message. */
export type MessageFacts = {
  readonly notification: Notification;
  readonly change: ResolvedChange;
  /**
   * The layers that introduce the vulnerability after the change but not before the change; for an increased severity,
   * also the layers that introduced the vulnerability before.
   */
  readonly introducing: LayerNames;
  /** The layers that introduced the vulnerability before the change but not after the change. */
  readonly former: LayerNames;
  /**
   * The indexed images that the vulnerability currently affects according to the advisories of all feeds, as in `clair
   * affected`.
   */
  readonly images: Fitting<MessageImage>;
};

export type MessageImage = Pick<IndexedImage, 'reference' | 'digest'>;

/** Layer names, ordered by layer id. */
export type LayerNames = {
  readonly names: readonly string[];
  /** Whether more layers exist. */
  readonly isCut: boolean;
};

/** The maximum size of a list of names in bytes of JSON; a name has up to 1024 characters. */
const MAX_NAMES_BYTES = 192 * 1024;

const LAYERS_PER_PAGE = 1000;

/** The maximum size of the list of images in bytes of JSON; enough for about 400 images. */
const MAX_IMAGES_BYTES = 64 * 1024;

const IMAGES_PER_PAGE = 100;

/**
 * The maximum number of pages to read. The query for a page examines at most 1000 images, and most of the examined
 * images may be unaffected.
 */
const MAX_IMAGE_PAGES = 10;

/**
 * Reads the change of a notification, with the advisories from the time of the change, and the currently affected
 * layers and images.
 *
 * @throws ClairError `internal` if the change log no longer contains the change, `database/unavailable`
 */
export async function readMessageFacts(
  { changeLog, matches }: Pick<Store, 'changeLog' | 'matches'>,
  notification: Notification,
): Promise<MessageFacts> {
  const change = await changeLog.find(notification.change);
  if (change === undefined)
    throw new ClairError('internal', `the notification ${notification.name} refers to a change that no longer exists`);
  const [before, after] = [change.before?.affected ?? [], change.after?.affected ?? []];
  // A severity increase concerns all affected layers, including layers that were affected before.
  const except = notification.kind === 'severity-increased' ? [] : before;
  const introducing = await layerNames(matches, after, except);
  const former = await layerNames(matches, before, after);
  return { notification, change, introducing, former, images: await imagesOf(matches, notification.vulnerability) };
}

async function layerNames(
  matches: Store['matches'],
  affected: readonly AffectedPackage[],
  except: readonly AffectedPackage[],
): Promise<LayerNames> {
  const names: string[] = [];
  let bytes = 0;
  for (let after = 0; ; ) {
    const page = await matches.affectedLayers({ affected, except }, { after, limit: LAYERS_PER_PAGE });
    for (const { id, name } of page) {
      bytes += jsonBytes(name) + 1;
      if (bytes > MAX_NAMES_BYTES) return { names, isCut: true };
      names.push(name);
      after = id;
    }
    if (page.length < LAYERS_PER_PAGE) return { names, isCut: false };
  }
}

async function imagesOf(matches: Store['matches'], vulnerability: string): Promise<Fitting<MessageImage>> {
  const items: MessageImage[] = [];
  let bytes = 0;
  let after: ImagePosition | undefined;
  for (let pages = 0; pages < MAX_IMAGE_PAGES; pages += 1) {
    const page = await matches.affectedImages([vulnerability], { after, limit: IMAGES_PER_PAGE });
    for (const { reference, digest } of page.images) {
      const image = { reference, digest };
      bytes += jsonBytes(image) + 1;
      if (bytes > MAX_IMAGES_BYTES) return { items, isCut: true };
      items.push(image);
    }
    after = page.next;
    if (after === undefined) return { items, isCut: false };
  }
  return { items, isCut: true };
}
