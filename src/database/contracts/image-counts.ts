import type { Digest } from '../../model/digest.ts';
import type { Distribution } from '../../model/releases/distribution.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import type { IndexedImage } from './images.ts';

/**
 * What stored counts are compared with. `data` rises with each transaction that changes what reports are computed from:
 * advisories, enrichments, repositories, and the states of feeds where these change a report. `images` rises when the set of
 * recorded images changes, which decides what is a base image.
 */
export type Revisions = { readonly data: number; readonly images: number };

/** The stored counts of images, and the lists that are sorted and filtered by them. */
export type ImageCountStore = {
  /** Read them before the data that is counted. */
  readonly revisions: () => Promise<Revisions>;
  /** The images that were not counted since they were recorded, the last scanned first, at most `limit`. */
  readonly notCounted: (limit: number) => Promise<readonly CountableImage[]>;
  /** All images with the marks of their counts, the last scanned first; those behind `after`, at most `limit`. */
  readonly marks: (page: MarkPage) => Promise<readonly MarkedImage[]>;
  readonly find: (digest: Digest) => Promise<CountableImage | undefined>;
  /**
   * Stores counts; those of an image that was removed or recorded again meanwhile are passed over. Removes the mark of
   * {@link ImageCountStore.whole} where it does not hold for an image: another instance, or an older count, may write.
   */
  readonly write: (counted: readonly CountedImage[]) => Promise<void>;
  /** The mark that {@link ImageCountStore.noteWhole} noted last. */
  readonly whole: () => Promise<CountMark | undefined>;
  /** Notes that all images have counts, that these were current, and what they depend on together. */
  readonly noteWhole: (mark: CountMark) => Promise<void>;
  /** A page of images in an order, with their stored counts. One call looks at {@link ImageQuery.maxLooked} images at most. */
  readonly list: (query: ImageQuery) => Promise<ListedImages>;
};

/** The numbers of a report. */
export type ImageCounts = {
  readonly packages: number;
  /** Findings by severity; suppressed findings are not counted. */
  readonly severities: Readonly<Record<Severity, number>>;
  readonly suppressed: number;
  /** Findings with a fixed version, and such findings of severity High or above. */
  readonly fixable: number;
  readonly fixableHigh: number;
  /** The findings that are known to be exploited. */
  readonly kev: number;
  readonly isIncomplete: boolean;
  readonly diagnostics: number;
};

/** What counts were made of, and until when they hold; see {@link isCurrentMark}. Times are milliseconds since 1970. */
export type CountMark = {
  readonly countedAt: number;
  /** The revision of the data. */
  readonly revision: number;
  /** The revision of the set of images; null where the counts do not depend on other images. */
  readonly images: number | null;
  /** What else the report is made by: the release of Clair and the suppression files. */
  readonly basis: string;
  /** The last moment before time alone changes the report; null for none. */
  readonly validUntil: number | null;
};

/** An image to be counted; `generation` tells whether it was recorded again meanwhile. */
export type CountableImage = { readonly id: number; readonly digest: Digest; readonly generation: number };

export type MarkedImage = CountableImage & {
  readonly scannedAt: number;
  /** False where the report exceeds the bounds of counting, and without a mark. */
  readonly hasCounts: boolean;
  /** Undefined for an image that was not counted since it was recorded. */
  readonly mark: CountMark | undefined;
};

export type MarkPage = {
  readonly after: Pick<MarkedImage, 'scannedAt' | 'id'> | undefined;
  readonly limit: number;
};

/** Counts of an image; null when its report exceeds the bounds of counting. */
export type CountedImage = Pick<CountableImage, 'id' | 'generation'> & {
  readonly counts: ImageCounts | null;
  readonly mark: CountMark;
};

/** The orders of the list of images. */
export const IMAGE_ORDERS = ['scannedAt', 'severity', 'reference', 'findings'] as const;

export type ImageOrder = (typeof IMAGE_ORDERS)[number];

export type ImageFilters = {
  /** A part of the reference, in any case of the letters a to z. */
  readonly search?: string;
  /** With a finding of this severity or above. */
  readonly severity?: Severity;
  /** The namespace of the distribution. */
  readonly distribution?: string;
  /** With a finding that an upgrade repairs. */
  readonly fixable?: true;
  /** With a finding that is known to be exploited. */
  readonly exploited?: true;
  /** Whose report is incomplete, or which has no counts. */
  readonly incomplete?: true;
};

export type ImageQuery = {
  readonly order: ImageOrder;
  readonly filters: ImageFilters;
  /** Behind what the page starts: {@link ListedImages.next} of the page before; undefined for the first. */
  readonly after: ImagePlace | undefined;
  readonly limit: number;
  /** How many images one call looks at for those that the filters let through. */
  readonly maxLooked: number;
};

/** A place in an order: the values that it sorts by. */
export type ImagePlace = readonly (string | number)[];

export type ListedImages = {
  readonly images: readonly ListedImage[];
  readonly next: ImagePlace | undefined;
};

/** An image of the list. */
export type ListedImage = Pick<IndexedImage, 'digest' | 'reference' | 'platform' | 'scannedAt'> & {
  readonly distribution: Distribution | null;
  /** How many there are. */
  readonly layers: number;
  /** Undefined for an image that was not counted since it was recorded. */
  readonly mark: CountMark | undefined;
  /** Null without a mark, and where the report exceeds the bounds of counting. */
  readonly counts: ImageCounts | null;
};

/** What marks are compared with. */
export type PresentMark = {
  readonly revisions: Revisions;
  readonly basis: string;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** Tells whether nothing that counts depend on has changed since they were made. */
export function isCurrentMark(mark: CountMark | undefined, { revisions, basis, now }: PresentMark): boolean {
  return (
    mark !== undefined &&
    mark.revision === revisions.data &&
    (mark.images === null || mark.images === revisions.images) &&
    mark.basis === basis &&
    (mark.validUntil === null || now <= mark.validUntil)
  );
}

/** Digits of each number in a {@link riskKey}; more findings than they hold count as that many. */
const KEY_DIGITS = 6;

/** A text that sorts images by their exploited findings, and then by the numbers of findings from the worst severity down. */
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
