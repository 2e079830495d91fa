import type { ComponentChildren, VNode } from 'preact';
import type { ApiClient } from '../api-client.ts';
import type { VulnerabilityInBrief, VulnerabilityList } from '../api-shapes.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { OldCounts } from '../parts/old-counts.tsx';
import { SearchForm } from '../parts/search-form.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { MAX_PAGE_SIZE, useNumberedPage } from '../paging/numbered-pages.ts';
import { withPage } from '../paging/page-query.ts';
import { RangePager, toFirstPage, totalWords } from '../paging/range-pager.tsx';
import { VULNERABILITY_SORTS, vulnerabilitiesAddress, vulnerabilityAddress, type VulnerabilitySort } from '../place.ts';
import { numberInWords } from '../words.ts';

const VULNERABILITIES_PER_PAGE = 50;

/** The maximum length of a prefix that the API accepts, in characters. */
const MAX_SEARCH_LENGTH = 128;

const SORT_WORDS: Readonly<Record<VulnerabilitySort, string>> = {
  severity: 'in indexed images, worst first',
  images: 'in indexed images, most images first',
  id: 'all, by ID',
};

/**
 * Shows the vulnerabilities of indexed images, the worst first, or all vulnerabilities by ID, with a search by prefix.
 */
export function VulnerabilitiesPage({
  api,
  search,
  sort: wanted,
  number,
}: {
  readonly api: ApiClient;
  readonly search: string;
  readonly sort: VulnerabilitySort | undefined;
  /** The number of the page of vulnerabilities, from 1. */
  readonly number: number;
}): VNode {
  const sort = wanted ?? (search === '' ? 'severity' : 'id');
  const query = {
    ...(search !== '' && { search }),
    ...(sort !== 'id' && { sort }),
  };
  const [loaded, reload] = useNumberedPage({
    list: withPage(query, undefined),
    number,
    load: async (token, limit, signal) =>
      await api.page<VulnerabilityList>(`vulnerabilities?${withPage({ limit: `${limit}`, ...query }, token)}`, signal),
    sizeOf: ({ vulnerabilities }) => vulnerabilities.length,
    pageSize: VULNERABILITIES_PER_PAGE,
    passedSize: MAX_PAGE_SIZE,
  });
  const addressOf = (page: number): string => vulnerabilitiesAddress(search, wanted, page);
  return (
    <>
      <h1>Vulnerabilities</h1>
      <p>Open a vulnerability to see the advisory of each feed, the affected versions and the affected images.</p>
      <SearchForm
        label="ID starts with"
        placeholder="CVE-2024-1234"
        asked={search}
        search={(text) => {
          window.location.hash = vulnerabilitiesAddress(asIdentifier(text), wanted);
        }}
      />
      <form class="filters">
        <label>
          Show{' '}
          <select
            value={sort}
            onChange={({ currentTarget: { value } }) => {
              window.location.hash = vulnerabilitiesAddress(
                search,
                VULNERABILITY_SORTS.find((each) => each === value),
              );
            }}
          >
            {VULNERABILITY_SORTS.map((each) => (
              <option key={each} value={each}>
                {SORT_WORDS[each]}
              </option>
            ))}
          </select>
        </label>
      </form>
      <LoadingView loaded={loaded} what="the vulnerabilities" reload={reload} toFirst={toFirstPage(number, addressOf)}>
        {(of) => (
          <>
            {!of.page.isCurrent && <OldCounts />}
            {of.size === 0 ? (
              <p class="empty">
                {emptyWords(search, sort, of.page.nextPage !== null)}{' '}
                {sort !== 'id' && <a href={vulnerabilitiesAddress(search, 'id')}>Show all vulnerabilities</a>}
              </p>
            ) : (
              <>
                <p class="list-words" role="status">
                  {totalWords(of, 'vulnerability', 'vulnerabilities')}.
                </p>
                <VulnerabilitiesTable vulnerabilities={of.page.vulnerabilities} />
              </>
            )}
            <RangePager of={of} label="Pages of vulnerabilities" addressOf={addressOf} />
          </>
        )}
      </LoadingView>
    </>
  );
}

function VulnerabilitiesTable({
  vulnerabilities,
}: {
  readonly vulnerabilities: readonly VulnerabilityInBrief[];
}): VNode {
  return (
    <TableFrame label="Vulnerabilities" columns={['ID', 'Worst severity', 'Images', 'Description', 'Feeds']}>
      {vulnerabilities.map(({ id, severity, images, description, feeds }) => (
        <tr key={id}>
          <th scope="row" class="identifier">
            <a href={vulnerabilityAddress(id)}>{id}</a>
          </th>
          <td>
            <SeverityWord severity={severity} />
          </td>
          <td class="number" data-label="Images">
            {numberInWords(images)}
          </td>
          <td class="words">
            <bdi class="brief">{description}</bdi>
          </td>
          <td data-label="Feeds">{feeds.join(', ')}</td>
        </tr>
      ))}
    </TableFrame>
  );
}

/** Returns a text to search for, with CVE IDs in upper case, because a search sorted by ID is case-sensitive. */
function asIdentifier(text: string): string {
  return (/^cve-[\d-]*$/i.test(text) ? text.toUpperCase() : text).slice(0, MAX_SEARCH_LENGTH);
}

function emptyWords(search: string, sort: VulnerabilitySort, leadsOn: boolean): ComponentChildren {
  if (leadsOn) return 'Nothing found so far; the next page continues the search.';
  if (sort !== 'id') {
    const what = search === '' ? 'No vulnerability' : `No vulnerability whose ID starts with “${search}”`;
    return `${what} was found in an indexed image.`;
  }
  if (search !== '') return `No vulnerability ID starts with “${search}”. The search is case-sensitive.`;
  return (
    <>
      No vulnerabilities yet: no advisories have been imported. Run <code>clair update</code>, or wait until the server
      updates the feeds. <a href="#/feeds">Show the feeds</a>
    </>
  );
}
