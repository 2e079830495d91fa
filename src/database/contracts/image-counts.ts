import type { Digest } from '../../model/digest.ts';
import type { Distribution } from '../../model/releases/distribution.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import type { FoundName } from './found-names.ts';
import type { IndexedImage } from './images.ts';

/**
 * The revisions with which stored counts are compared. `data` increases with each transaction that may change counts:
 * advisories, NVD and KEV enrichments, repositories, and feed states in reports. `images` increases when an image is
 * recorded or removed, because the image may be the base image of another image.
 */
export type Revisions = {
  readonly data: number;
  readonly images: number;
  /**
   * Increases with each change of the ignore rules. The change also marks the counts of the images that it may affect.
   */
  readonly rules: number;
};

/** The stored counts of images, and image lists that are sorted and filtered by these counts. */
export type ImageCountStore = {
  /** Returns the current revisions. Callers must read the revisions before the data to count. */
  readonly revisions: () => Promise<Revisions>;
  /** Returns the images that have not been counted since they were last recorded, most recently scanned first. */
  readonly notCounted: (limit: number) => Promise<readonly CountableImage[]>;
  /** All images with the marks of their counts, most recently scanned first. */
  readonly marks: (page: MarkPage) => Promise<readonly MarkedImage[]>;
  readonly find: (digest: Digest) => Promise<CountableImage | undefined>;
  /**
   * Stores counts, except for images that were removed or recorded again in the meantime. Also removes the mark of
   * {@link ImageCountStore.whole} if that mark does not cover a written image. Another instance may have written the
   * mark of all images, or the count may be older than that mark.
   */
  readonly write: (counted: readonly CountedImage[]) => Promise<void>;
  /** Returns the mark that {@link ImageCountStore.noteWhole} recorded; undefined if counts may be out of date. */
  readonly whole: () => Promise<CountMark | undefined>;
  /**
   * Records that all images have current counts, with the mark of these counts; does nothing if the ignore rules have
   * another revision.
   */
  readonly noteWhole: (mark: CountMark, rules: number) => Promise<void>;
  /** Returns a page of images with their stored counts; examines at most {@link ImageQuery.maxLooked} images. */
  readonly list: (query: ImageQuery) => Promise<ListedImages>;
  /**
   * Returns the number of images that match the filters; undefined if more than `maxLooked` images would have to be
   * examined.
   */
  readonly total: (filters: ImageFilters, maxLooked: number) => Promise<number | undefined>;
  /** Counts all images by the distribution of their topmost layer, and the images whose last scan is after a time. */
  readonly overview: (since: number) => Promise<ImageOverview>;
};

/** The numbers of images; images without counts are neither exploited nor fixable. */
export type ImageOverview = {
  /**
   * The counts by namespace of the distribution, sorted by namespace; the namespace is null for images without a
   * distribution.
   */
  readonly namespaces: readonly NamespaceImages[];
  /** The number of images whose last scan is after the given time. */
  readonly scannedSince: number;
};

export type NamespaceImages = {
  readonly namespace: string | null;
  readonly images: number;
  /** The number of images that have not been counted since they were last recorded. */
  readonly waiting: number;
  readonly exploited: number;
  /** Images with a finding of severity High or above that an upgrade fixes. */
  readonly fixableHigh: number;
  readonly incomplete: number;
};

export type ImageCounts = {
  readonly packages: number;
  /** Findings by severity, without suppressed findings. */
  readonly severities: Readonly<Record<Severity, number>>;
  readonly suppressed: number;
  /** The number of findings with a fixed version; `fixableHigh` counts only findings of severity High or above. */
  readonly fixable: number;
  readonly fixableHigh: number;
  /** Findings with a known exploit. */
  readonly kev: number;
  readonly isIncomplete: boolean;
  /** Whether the data of a feed is stale, or an update of the feed was refused. */
  readonly hasStaleFeed: boolean;
  /** Whether no feed covers a namespace of the image, or the covering feed was never imported. */
  readonly hasMissingFeed: boolean;
  readonly diagnostics: number;
};

/**
 * The inputs of counts, and the time until which the counts are valid; see {@link isCurrentMark}. Times are
 * milliseconds since 1970.
 */
export type CountMark = {
  readonly countedAt: number;
  readonly revision: number;
  /** The revision of the images; null if the counts do not depend on other images. */
  readonly images: number | null;
  /** Other inputs of the report: the Clair release and the suppression files. */
  readonly basis: string;
  /** The last moment at which the report is valid if no data changes; null if time alone never changes the report. */
  readonly validUntil: number | null;
};

/** An image to count; `generation` changes when the image is recorded again. */
export type CountableImage = { readonly id: number; readonly digest: Digest; readonly generation: number };

export type MarkedImage = CountableImage & {
  readonly scannedAt: number;
  /** False if the image has no mark, or if counting the image failed. */
  readonly hasCounts: boolean;
  /** The mark of the counts; undefined if the image has not been counted since it was last recorded. */
  readonly mark: CountMark | undefined;
};

export type MarkPage = {
  readonly after: Pick<MarkedImage, 'scannedAt' | 'id'> | undefined;
  readonly limit: number;
};

/**
 * The counts of an image. If counting failed, for example because the report exceeds the limits of counting, `counts`
 * is null and `names` is empty.
 */
export type CountedImage = Pick<CountableImage, 'id' | 'generation'> & {
  readonly counts: ImageCounts | null;
  readonly names: readonly FoundName[];
  /**
   * The revision of the ignore rules before the count. If the rules have changed since, the counts are stored as out of
   * date.
   */
  readonly rules: number;
  readonly mark: CountMark;
};

/** The feed states by which images are filtered. */
export const FEED_GAPS = ['stale', 'missing'] as const;

export type FeedGap = (typeof FEED_GAPS)[number];

export const IMAGE_ORDERS = ['scannedAt', 'severity', 'reference', 'findings'] as const;

export type ImageOrder = (typeof IMAGE_ORDERS)[number];

export type ImageFilters = {
  /** A substring of the reference; case-insensitive for ASCII letters. */
  readonly search?: string;
  /** Only images with a finding of this severity or above. */
  readonly severity?: Severity;
  /** Only images whose distribution has this namespace. */
  readonly distribution?: string;
  /** Only images with a finding that an upgrade fixes. */
  readonly fixable?: true;
  /** Only images with a finding of severity High or above that an upgrade fixes. */
  readonly fixableHigh?: true;
  /** Only images with this reference. */
  readonly reference?: string;
  /** Only images with a finding that has a known exploit. */
  readonly exploited?: true;
  /** Only images with an incomplete report, or without counts. */
  readonly incomplete?: true;
  /** Only images whose report lacks advisories, because a feed is stale or missing. */
  readonly feeds?: FeedGap;
};

export type ImageQuery = {
  readonly order: ImageOrder;
  readonly filters: ImageFilters;
  /** {@link ListedImages.next} of the previous page; undefined for the first page. */
  readonly after: ImagePlace | undefined;
  readonly limit: number;
  /** The maximum number of images that one call examines for the filters. */
  readonly maxLooked: number;
};

/** A position in an order, as the values of the sort keys. */
export type ImagePlace = readonly (string | number)[];

export type ListedImages = {
  readonly images: readonly ListedImage[];
  readonly next: ImagePlace | undefined;
};

export type ListedImage = Pick<IndexedImage, 'digest' | 'reference' | 'platform' | 'scannedAt'> & {
  readonly distribution: Distribution | null;
  readonly layers: number;
  /** The mark of the counts; undefined if the image has not been counted since it was last recorded. */
  readonly mark: CountMark | undefined;
  /** The counts; null if the image has no mark, or if counting the image failed. */
  readonly counts: ImageCounts | null;
};

export type PresentMark = {
  readonly revisions: Revisions;
  readonly basis: string;
  /** The current time in milliseconds since 1970. */
  readonly now: number;
};

/**
 * Returns whether counts with this mark are still valid: their inputs are unchanged and `validUntil` has not passed.
 */
export function isCurrentMark(mark: CountMark | undefined, { revisions, basis, now }: PresentMark): boolean {
  return (
    mark !== undefined &&
    mark.revision === revisions.data &&
    (mark.images === null || mark.images === revisions.images) &&
    mark.basis === basis &&
    (mark.validUntil === null || now <= mark.validUntil)
  );
}

/** The number of hexadecimal digits of each number in a {@link riskKey}; larger numbers become the maximum. */
const KEY_DIGITS = 6;

/**
 * Returns a sort key. Keys compare the number of exploited findings first, then the numbers of findings from the worst
 * severity down.
 */
export function riskKey({ kev, severities }: Pick<ImageCounts, 'kev' | 'severities'>): string {
  const numbers = [kev, ...SEVERITIES.toReversed().map((severity) => severities[severity])];
  return numbers
    .map((count) =>
      Math.min(count, 16 ** KEY_DIGITS - 1)
        .toString(16)
        .padStart(KEY_DIGITS, '0'),
    )
    .join('');
}
