import { describe, expect, it } from 'vitest';
import { EVERY_FINDING } from './finding-filter.ts';
import { EVERY_FINDING_QUERY, type FindingQuery, findingParameters, findingQuery } from './finding-query.ts';

const read = (text: string): FindingQuery => findingQuery(new URLSearchParams(text));

describe('the query of findings', () => {
  it.each<[string, FindingQuery]>([
    ['', EVERY_FINDING_QUERY],
    [
      'search=open+ssl&package=libssl3&severity=High&fixable=true&exploited=true&from=2&type=library&sort=package&open=CVE-1%20curl',
      {
        filter: {
          text: 'open ssl',
          package: 'libssl3',
          least: 'High',
          isFixable: true,
          isExploited: true,
          layer: 2,
          kind: 'library',
        },
        sorting: { column: 'package', isDescending: false },
        open: 'CVE-1 curl',
      },
    ],
    ['sort=severity-descending', { ...EVERY_FINDING_QUERY, sorting: { column: 'severity', isDescending: true } }],
    ['severity=Bad&fixable=1&from=-1&type=x&sort=x', EVERY_FINDING_QUERY],
  ])('%s is read, and written back', (text, query) => {
    expect(read(text)).toEqual(query);
    expect(read(new URLSearchParams(findingParameters(query)).toString())).toEqual(query);
  });

  it('has no parameters by default', () => {
    expect(findingParameters({ ...EVERY_FINDING_QUERY, filter: EVERY_FINDING })).toEqual({});
  });
});
