import { debian } from './debian/fetcher.ts';
import type { Fetcher } from './fetcher.ts';

/** The list of the sources. */
export const FETCHERS: readonly Fetcher[] = [debian];
