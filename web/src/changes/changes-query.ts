import { DEFAULT_SINCE, type Since, sinceOf } from './since.ts';
import { pageNumber } from '../paging/page-number.ts';

/** The state of the Changes page, which the URL contains. */
export type ChangesQuery = {
  readonly since: Since;
  /** Whether the list contains the first imports of feeds. */
  readonly showsImports: boolean;
  /** Whether the list contains only changes of vulnerabilities in indexed images. */
  readonly inImages: boolean;
  /** The number of the page, from 1. */
  readonly number: number;
};

/** The changes of the last 7 days without first imports, which the overview counts. */
export const RECENT_CHANGES: ChangesQuery = { since: DEFAULT_SINCE, showsImports: false, inImages: false, number: 1 };

/** Reads the state from an address. Invalid values are ignored. */
export function changesQuery(parameters: URLSearchParams): ChangesQuery {
  return {
    since: sinceOf(parameters.get('since')),
    showsImports: parameters.get('firstImports') === 'true',
    inImages: parameters.get('inImages') === 'true',
    number: pageNumber(parameters.get('page')),
  };
}

/** Returns the parameters of a state, without default values. */
export function changesParameters(query: ChangesQuery): Readonly<Record<string, string>> {
  return {
    ...(query.since !== DEFAULT_SINCE && { since: query.since }),
    ...(query.showsImports && { firstImports: 'true' }),
    ...(query.inImages && { inImages: 'true' }),
    ...(query.number > 1 && { page: String(query.number) }),
  };
}
