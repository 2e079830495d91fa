import { describe, expect, it } from 'vitest';
import { EVERY_IMAGE, imageListParameters, imageListQuery, isFiltered } from './image-list-query.ts';

describe('the query of the list of images', () => {
  it.each([
    [EVERY_IMAGE, {}],
    [
      {
        search: 'a&b',
        sort: 'severity' as const,
        severity: 'High' as const,
        distribution: 'debian:12',
        fixable: true,
        exploited: true,
        incomplete: true,
      },
      {
        search: 'a&b',
        sort: 'severity',
        severity: 'High',
        distribution: 'debian:12',
        fixable: 'true',
        exploited: 'true',
        incomplete: 'true',
      },
    ],
  ])('is found again by its parameters: %j', (query, parameters) => {
    expect(imageListParameters(query)).toEqual(parameters);
    expect(imageListQuery(new URLSearchParams(imageListParameters(query)))).toEqual(query);
  });

  it('has nothing that the API would refuse', () => {
    expect(imageListQuery(new URLSearchParams('sort=age&severity=Worst&fixable=1&incomplete='))).toEqual(EVERY_IMAGE);
  });

  it('leaves images out by any filter, and not by an order', () => {
    expect(isFiltered({ ...EVERY_IMAGE, sort: 'severity' })).toBe(false);
    expect(isFiltered({ ...EVERY_IMAGE, severity: 'Low' })).toBe(true);
  });
});
