import { expect, it } from 'vitest';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';
import { KNOWN_FEEDS } from './known-feeds.ts';

it('lists the feeds of all fetchers and enrichers, in their order', () => {
  expect(KNOWN_FEEDS).toEqual([
    ...FETCHERS.map(({ id }) => ({ name: id, holds: 'vulnerabilities' })),
    ...ENRICHERS.map(({ id }) => ({ name: id, holds: 'enrichments' })),
  ]);
});
