import type { KnownFeed } from '../model/report/feed-row.ts';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';

/** All feeds that this version of Clair supports, for vulnerabilities and for enrichments. */
export const KNOWN_FEEDS: readonly KnownFeed[] = [
  ...FETCHERS.map(({ id }): KnownFeed => ({ name: id, holds: 'vulnerabilities' })),
  ...ENRICHERS.map(({ id }): KnownFeed => ({ name: id, holds: 'enrichments' })),
];
