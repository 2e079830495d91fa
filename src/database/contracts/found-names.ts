import type { Severity } from '../../model/severity.ts';

/**
 * A name of a vulnerability or package in the findings of an image. Names that differ only in case are the same name.
 */
export type FoundName = {
  readonly kind: FoundNameKind;
  readonly name: string;
  /** Whether an unsuppressed finding has the name; the other fields apply to unsuppressed findings only. */
  readonly isOpen: boolean;
  /** Whether the name is the ID of a finding, not only an alias. */
  readonly isId: boolean;
  readonly isExploited: boolean;
  /** The worst severity of the findings. */
  readonly severity: Severity;
};

export type FoundNameKind = 'vulnerability' | 'package';

/** The vulnerabilities of indexed images, according to the stored counts. */
export type FoundNameStore = {
  /** Returns a page of the vulnerabilities with unsuppressed findings, under the IDs of their findings. */
  readonly vulnerabilities: (query: FoundQuery) => Promise<FoundPage>;
  /**
   * Counts the matching vulnerabilities; returns undefined if more than `maxLooked` vulnerabilities would have to be
   * examined.
   */
  readonly total: (filters: FoundFilters, maxLooked: number) => Promise<number | undefined>;
  /**
   * Returns, by ID or alias, the number of images with an unsuppressed finding under that name; names without images
   * are absent.
   */
  readonly imagesOf: (names: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** Removes the names of images that were deleted. Returns the number of these images. */
  readonly removeLost: () => Promise<number>;
};

export const FOUND_ORDERS = ['severity', 'images'] as const;

/**
 * `severity` sorts by known exploits, then by the worst severity, then by the number of images; `images` sorts by the
 * number of images. Both orders are descending.
 */
export type FoundOrder = (typeof FOUND_ORDERS)[number];

export type FoundFilters = {
  /** A prefix of the ID; case-insensitive. */
  readonly search?: string;
  /** Only vulnerabilities with a finding of this severity or above. */
  readonly severity?: Severity;
  readonly exploited?: true;
};

export type FoundQuery = {
  readonly order: FoundOrder;
  readonly filters: FoundFilters;
  /** {@link FoundPage.next} of the previous page; undefined for the first page. */
  readonly after: readonly number[] | undefined;
  readonly limit: number;
  /** The maximum number of vulnerabilities that one call examines for the filters. */
  readonly maxLooked: number;
};

export type FoundPage = {
  readonly vulnerabilities: readonly FoundVulnerability[];
  readonly next: readonly number[] | undefined;
};

export type FoundVulnerability = {
  readonly id: string;
  /** The worst severity of the findings in indexed images. */
  readonly severity: Severity;
  readonly isExploited: boolean;
  /** The number of images with an unsuppressed finding. */
  readonly images: number;
};
