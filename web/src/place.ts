import { IGNORE_RULE_STATES, type IgnoreRuleState } from '../../src/model/report/ignore-rule.ts';
import { changesParameters, type ChangesQuery, changesQuery } from './changes/changes-query.ts';
import { type ImageListQuery, imageListParameters, imageListQuery } from './image-list/image-list-query.ts';
import { FIRST_IMAGE_QUERY, imageParameters, imageQuery, type ImageQuery } from './images/image-query.ts';
import { pageNumber } from './paging/page-number.ts';
import { shortDigest } from './words.ts';

/** The API names of the states of notifications. */
export const NOTIFICATION_STATES = ['waiting', 'delivered', 'dead'] as const;

export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/**
 * The API names of the sort orders for vulnerabilities. `id`, the default of a search, lists all vulnerabilities.
 * `severity`, the default without a search, and `images` list the vulnerabilities of indexed images.
 */
export const VULNERABILITY_SORTS = ['severity', 'images', 'id'] as const;

export type VulnerabilitySort = (typeof VULNERABILITY_SORTS)[number];

/** A page of the web UI, which the URL fragment names. */
export type Place =
  | { readonly page: 'overview' }
  /** `submits` is true if the form to submit an image is open. */
  | { readonly page: 'images'; readonly query: ImageListQuery; readonly submits?: true }
  | { readonly page: 'image'; readonly digest: string; readonly query: ImageQuery }
  /** `number` is the number of the page of the list, from 1; for a vulnerability, of the list of affected images. */
  | {
      readonly page: 'vulnerabilities';
      readonly search: string;
      readonly sort?: VulnerabilitySort;
      readonly number: number;
    }
  | { readonly page: 'vulnerability'; readonly id: string; readonly number: number }
  | { readonly page: 'changes'; readonly query: ChangesQuery }
  | { readonly page: 'notifications'; readonly state: NotificationState; readonly number: number }
  | { readonly page: 'compare'; readonly before: string; readonly after: string }
  | {
      readonly page: 'ignore-rules';
      readonly state: IgnoreRuleState;
      readonly search: string;
      readonly number: number;
    }
  | { readonly page: 'feeds' }
  | { readonly page: 'nowhere' };

/** Reads a URL fragment, with or without its #. An unknown fragment is `nowhere`. */
export function placeOf(hash: string): Place {
  const [path = '', ...rest] = hash.replace(/^#?\/?/, '').split('?');
  const query = new URLSearchParams(rest.join('?'));
  const [page = '', name, ...more] = path.split('/');
  if (more.length > 0) return { page: 'nowhere' };
  if (name === undefined) return listOf(page, query);
  const named = decoded(name);
  if (page === 'images' && named !== '') return { page: 'image', digest: named, query: imageQuery(query) };
  if (page === 'vulnerabilities' && named !== '') {
    return { page: 'vulnerability', id: named, number: pageNumber(query.get('page')) };
  }
  return { page: 'nowhere' };
}

/** Returns the address of the image list with a query. */
export function imagesAddress(query: ImageListQuery): string {
  const text = new URLSearchParams(imageListParameters(query)).toString();
  return text === '' ? '#/images' : `#/images?${text}`;
}

/** The address of the list of images with the open form to submit an image. */
export const SUBMIT_ADDRESS = '#/images?submit=open';

/** Returns the address of an image page, with a part of the state of the page. */
export function imageAddress(digest: string, query: Partial<ImageQuery> = {}): string {
  const text = new URLSearchParams(imageParameters({ ...FIRST_IMAGE_QUERY, ...query })).toString();
  return `#/images/${encodeURIComponent(digest)}${text === '' ? '' : `?${text}`}`;
}

/**
 * Returns the address of a layer of an image, by its index. With `of`, the layer shows only the package with this name.
 */
export function layerAddress(digest: string, layer: number, of: string | null = null): string {
  return imageAddress(digest, { tab: 'layers', layer, package: of });
}

/**
 * Returns the address of the vulnerabilities whose IDs start with a text. {@link VULNERABILITY_SORTS} describes the
 * default order.
 */
export function vulnerabilitiesAddress(search: string, sort?: VulnerabilitySort, number = 1): string {
  const query = new URLSearchParams({
    ...(search !== '' && { search }),
    ...(sort !== undefined && { sort }),
    ...pageParameter(number),
  });
  return query.size === 0 ? '#/vulnerabilities' : `#/vulnerabilities?${query.toString()}`;
}

/** Returns the address of the list of changes with a query. */
export function changesAddress(query: ChangesQuery): string {
  const text = new URLSearchParams(changesParameters(query)).toString();
  return text === '' ? '#/changes' : `#/changes?${text}`;
}

/** Returns the address of a vulnerability, with the number of the page of affected images. */
export function vulnerabilityAddress(id: string, number = 1): string {
  return `#/vulnerabilities/${encodeURIComponent(id)}${number === 1 ? '' : `?page=${number}`}`;
}

/** Returns the address of a page of the notifications in a state. */
export function notificationsAddress(state: NotificationState, number = 1): string {
  return `#/notifications?${new URLSearchParams({ state, ...pageParameter(number) }).toString()}`;
}

/**
 * Returns the address of the comparison of two images, by their digests or references; an empty name lets the reader
 * choose the image.
 */
export function comparisonAddress(before: string, after: string): string {
  return `#/compare?${new URLSearchParams({ before, after }).toString()}`;
}

/** Returns the address of the ignore rules in a state that contain a text. */
export function ignoreRulesAddress({
  state,
  search,
  number = 1,
}: {
  readonly state: IgnoreRuleState;
  readonly search: string;
  readonly number?: number;
}): string {
  const query = { state, ...(search !== '' && { search }), ...pageParameter(number) };
  return `#/ignore-rules?${new URLSearchParams(query).toString()}`;
}

function pageParameter(number: number): Readonly<Record<string, string>> {
  return number === 1 ? {} : { page: String(number) };
}

/** Returns the window title of a page. */
export function titleOf(place: Place): string {
  switch (place.page) {
    case 'overview':
      return 'Overview';
    case 'images':
      return 'Images';
    case 'image':
      return `Image ${shortDigest(place.digest)}`;
    case 'vulnerabilities':
      return 'Vulnerabilities';
    case 'vulnerability':
      return place.id;
    case 'changes':
      return 'Recent changes';
    case 'notifications':
      return `Notifications: ${place.state === 'dead' ? 'failed' : place.state}`;
    case 'compare':
      return 'Compare images';
    case 'ignore-rules':
      return `Ignore rules: ${place.state}`;
    case 'feeds':
      return 'Feeds and queue';
    case 'nowhere':
      return 'Page not found';
  }
}

function listOf(page: string, query: URLSearchParams): Place {
  const search = query.get('search') ?? '';
  const number = pageNumber(query.get('page'));
  switch (page) {
    case '':
      return { page: 'overview' };
    case 'images':
      return { page, query: imageListQuery(query), ...(query.get('submit') === 'open' && { submits: true }) };
    case 'vulnerabilities': {
      const sort = VULNERABILITY_SORTS.find((each) => each === query.get('sort'));
      return { page, search, ...(sort !== undefined && { sort }), number };
    }
    case 'notifications':
      return { page, state: NOTIFICATION_STATES.find((state) => state === query.get('state')) ?? 'waiting', number };
    case 'compare':
      return { page, before: query.get('before') ?? '', after: query.get('after') ?? '' };
    case 'ignore-rules':
      return {
        page,
        state: IGNORE_RULE_STATES.find((state) => state === query.get('state')) ?? 'active',
        search,
        number,
      };
    case 'changes':
      return { page, query: changesQuery(query) };
    case 'feeds':
      return { page };
    default:
      return { page: 'nowhere' };
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A fragment with invalid percent-encoding names no page.
    return '';
  }
}
