import { parseSeverity, type Severity } from '../../../src/model/severity.ts';

/** The API names of the sort orders for images. */
export const IMAGE_SORTS = ['scannedAt', 'severity', 'findings', 'reference'] as const;

export type ImageSort = (typeof IMAGE_SORTS)[number];

/** The API names of the feed states that filter images. */
export const FEED_GAPS = ['stale', 'missing'] as const;

export type FeedGap = (typeof FEED_GAPS)[number];

/** The filters and the sort order of the images, which are part of the address and of the API request. */
export type ImageListQuery = {
  /** A part of the reference; an empty text matches all images. */
  readonly search: string;
  readonly sort: ImageSort;
  /** The minimum severity: matches images with a finding of this severity or above; null matches all images. */
  readonly severity: Severity | null;
  /** The namespace of the distribution; an empty text matches all images. */
  readonly distribution: string;
  readonly fixable: boolean;
  /** Whether only images with a fixable finding of severity High or above match. */
  readonly fixableHigh: boolean;
  readonly exploited: boolean;
  readonly incomplete: boolean;
  /** Matches images whose report lacks advisories because a feed is in this state; null matches all images. */
  readonly feeds: FeedGap | null;
};

/** All images, most recently scanned first. */
export const EVERY_IMAGE: ImageListQuery = {
  search: '',
  sort: 'scannedAt',
  severity: null,
  distribution: '',
  fixable: false,
  fixableHigh: false,
  exploited: false,
  incomplete: false,
  feeds: null,
};

/** Reads a query from an address. Unknown sort orders, severities and feed states are ignored. */
export function imageListQuery(parameters: URLSearchParams): ImageListQuery {
  return {
    search: parameters.get('search') ?? '',
    sort: IMAGE_SORTS.find((sort) => sort === parameters.get('sort')) ?? 'scannedAt',
    severity: parseSeverity(parameters.get('severity') ?? '') ?? null,
    distribution: parameters.get('distribution') ?? '',
    fixable: parameters.get('fixable') === 'true',
    fixableHigh: parameters.get('fixableHigh') === 'true',
    exploited: parameters.get('exploited') === 'true',
    incomplete: parameters.get('incomplete') === 'true',
    feeds: FEED_GAPS.find((gap) => gap === parameters.get('feeds')) ?? null,
  };
}

/** Returns the parameters of a query, without default values. */
export function imageListParameters(query: ImageListQuery): Readonly<Record<string, string>> {
  const { search, sort, severity, distribution, fixable, fixableHigh, exploited, incomplete, feeds } = query;
  return {
    ...(search !== '' && { search }),
    ...(sort !== 'scannedAt' && { sort }),
    ...(severity !== null && { severity }),
    ...(distribution !== '' && { distribution }),
    ...(fixable && { fixable: 'true' }),
    ...(fixableHigh && { fixableHigh: 'true' }),
    ...(exploited && { exploited: 'true' }),
    ...(incomplete && { incomplete: 'true' }),
    ...(feeds !== null && { feeds }),
  };
}

/** Returns whether a query has any filter or search text; the order does not count. */
export function isFiltered(query: ImageListQuery): boolean {
  return Object.keys(imageListParameters({ ...query, sort: 'scannedAt' })).length > 0;
}
