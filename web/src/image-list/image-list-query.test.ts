import { describe, expect, it } from 'vitest';
import { EVERY_IMAGE, imageListParameters, imageListQuery, isFiltered } from './image-list-query.ts';

describe('the image list query', () => {
  it.each([
    [EVERY_IMAGE, {}],
    [
      {
        search: 'a&b',
        sort: 'severity' as const,
        severity: 'High' as const,
        distribution: 'debian:12',
        fixable: true,
        fixableHigh: true,
        exploited: true,
        incomplete: true,
        feeds: 'stale' as const,
      },
      {
        search: 'a&b',
        sort: 'severity',
        severity: 'High',
        distribution: 'debian:12',
        fixable: 'true',
        fixableHigh: 'true',
        exploited: 'true',
        incomplete: 'true',
        feeds: 'stale',
      },
    ],
  ])('survives a round trip through its parameters: %j', (query, parameters) => {
    expect(imageListParameters(query)).toEqual(parameters);
    expect(imageListQuery(new URLSearchParams(imageListParameters(query)))).toEqual(query);
  });

  it('ignores values that the API rejects', () => {
    expect(imageListQuery(new URLSearchParams('sort=age&severity=Worst&fixable=1&incomplete=&feeds=old'))).toEqual(
      EVERY_IMAGE,
    );
  });

  it('is filtered by any filter, not by a sort order', () => {
    expect(isFiltered({ ...EVERY_IMAGE, sort: 'severity' })).toBe(false);
    expect(isFiltered({ ...EVERY_IMAGE, severity: 'Low' })).toBe(true);
  });
});
