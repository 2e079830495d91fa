import { parseSeverity, type Severity } from '../../../src/model/severity.ts';

/** What the list of images can be sorted by, as the API names it. */
export const IMAGE_SORTS = ['scannedAt', 'severity', 'findings', 'reference'] as const;

export type ImageSort = (typeof IMAGE_SORTS)[number];

/** Which images are listed, and in what order: what stands in the address, and what the API is asked for. */
export type ImageListQuery = {
  /** A part of the reference; any when empty. */
  readonly search: string;
  readonly sort: ImageSort;
  /** With a finding of this severity or above; any when null. */
  readonly severity: Severity | null;
  /** The namespace; any when empty. */
  readonly distribution: string;
  readonly fixable: boolean;
  readonly exploited: boolean;
  readonly incomplete: boolean;
};

/** All images, those that were scanned last first. */
export const EVERY_IMAGE: ImageListQuery = {
  search: '',
  sort: 'scannedAt',
  severity: null,
  distribution: '',
  fixable: false,
  exploited: false,
  incomplete: false,
};

/** Reads a query from an address; values that the API does not take are left out. */
export function imageListQuery(parameters: URLSearchParams): ImageListQuery {
  return {
    search: parameters.get('search') ?? '',
    sort: IMAGE_SORTS.find((sort) => sort === parameters.get('sort')) ?? 'scannedAt',
    severity: parseSeverity(parameters.get('severity') ?? '') ?? null,
    distribution: parameters.get('distribution') ?? '',
    fixable: parameters.get('fixable') === 'true',
    exploited: parameters.get('exploited') === 'true',
    incomplete: parameters.get('incomplete') === 'true',
  };
}

/** The parameters of a query, without those that are as for all images. */
export function imageListParameters(query: ImageListQuery): Readonly<Record<string, string>> {
  const { search, sort, severity, distribution, fixable, exploited, incomplete } = query;
  return {
    ...(search !== '' && { search }),
    ...(sort !== 'scannedAt' && { sort }),
    ...(severity !== null && { severity }),
    ...(distribution !== '' && { distribution }),
    ...(fixable && { fixable: 'true' }),
    ...(exploited && { exploited: 'true' }),
    ...(incomplete && { incomplete: 'true' }),
  };
}

/** Whether a query leaves images out. */
export function isFiltered(query: ImageListQuery): boolean {
  return Object.keys(imageListParameters({ ...query, sort: 'scannedAt' })).length > 0;
}
