import { PACKAGE_KINDS } from '../../../src/model/package-kind.ts';
import { parseSeverity } from '../../../src/model/severity.ts';
import type { Sorting } from '../parts/sort-heading.tsx';
import { EVERY_FINDING, FINDING_COLUMNS, type FindingColumn, type FindingFilter } from './finding-filter.ts';

/** The part of an address with the filter and order of the findings, and the group whose details are open. */
export type FindingQuery = {
  readonly filter: FindingFilter;
  readonly sorting: Sorting<FindingColumn>;
  /** The key of the group whose details are open, if any. */
  readonly open: string | null;
};

export const EVERY_FINDING_QUERY: FindingQuery = {
  filter: EVERY_FINDING,
  sorting: { column: 'risk', isDescending: true },
  open: null,
};

/** Reads a query from an address. Invalid values are ignored. */
export function findingQuery(parameters: URLSearchParams): FindingQuery {
  const [sort = '', direction] = (parameters.get('sort') ?? '').split('-');
  const column = FINDING_COLUMNS.find((each) => each === sort);
  const from = parameters.get('from') ?? '';
  return {
    filter: {
      text: parameters.get('search') ?? '',
      package: parameters.get('package'),
      least: parseSeverity(parameters.get('severity') ?? '') ?? EVERY_FINDING.least,
      isFixable: parameters.get('fixable') === 'true',
      isExploited: parameters.get('exploited') === 'true',
      layer: /^\d{1,4}$/.test(from) ? Number(from) : null,
      kind: PACKAGE_KINDS.find((each) => each === parameters.get('type')) ?? null,
    },
    sorting: column === undefined ? EVERY_FINDING_QUERY.sorting : { column, isDescending: direction === 'descending' },
    open: parameters.get('open'),
  };
}

/** Returns the parameters of a query, without default values. */
export function findingParameters({ filter, sorting, open }: FindingQuery): Readonly<Record<string, string>> {
  const { column, isDescending } = sorting;
  const isDefaultOrder = column === 'risk' && isDescending;
  return {
    ...(filter.text !== '' && { search: filter.text }),
    ...(filter.package !== null && { package: filter.package }),
    ...(filter.least !== EVERY_FINDING.least && { severity: filter.least }),
    ...(filter.isFixable && { fixable: 'true' }),
    ...(filter.isExploited && { exploited: 'true' }),
    ...(filter.layer !== null && { from: String(filter.layer) }),
    ...(filter.kind !== null && { type: filter.kind }),
    ...(!isDefaultOrder && { sort: isDescending ? `${column}-descending` : column }),
    ...(open !== null && { open }),
  };
}
