import type { KnownSource } from '../model/report/source-row.ts';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';

/** All feeds of this release: vulnerabilities, and data about CVEs. */
export const KNOWN_SOURCES: readonly KnownSource[] = [
  ...FETCHERS.map(({ id }): KnownSource => ({ name: id, holds: 'vulnerabilities' })),
  ...ENRICHERS.map(({ id }): KnownSource => ({ name: id, holds: 'facts about CVEs' })),
];
