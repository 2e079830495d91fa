import type { VNode } from 'preact';
import type { ApiClient } from '../api-client.ts';
import type { VulnerabilityInBrief, VulnerabilityList } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { SearchForm } from '../parts/search-form.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { TokenPager, usePageTokens, withPage } from '../parts/token-pager.tsx';
import { vulnerabilitiesAddress, vulnerabilityAddress } from '../place.ts';

const VULNERABILITIES_PER_PAGE = '50';

/** The maximum length of a prefix that the API accepts, in characters. */
const MAX_SEARCH_LENGTH = 128;

/** Shows the vulnerabilities by ID, with a search by prefix. */
export function VulnerabilitiesPage({ api, search }: { readonly api: ApiClient; readonly search: string }): VNode {
  const [tokens, setTokens, toFirst] = usePageTokens(search);
  const query = { limit: VULNERABILITIES_PER_PAGE, ...(search !== '' && { search }) };
  const path = `vulnerabilities?${withPage(query, tokens.at(-1))}`;
  const [loaded, reload] = useLoaded(async (signal) => await api.get<VulnerabilityList>(path, signal), path, search);
  return (
    <>
      <h1>Vulnerabilities</h1>
      <p>Open a vulnerability to see the advisory of each feed, the affected versions and the affected images.</p>
      <SearchForm
        label="ID starts with"
        placeholder="CVE-2024-1234"
        asked={search}
        search={(text) => {
          window.location.hash = vulnerabilitiesAddress(asIdentifier(text));
        }}
      />
      <LoadingView loaded={loaded} what="the vulnerabilities" reload={reload} toFirst={toFirst}>
        {({ vulnerabilities, nextPage }) => (
          <>
            {vulnerabilities.length === 0 ? (
              <p class="empty">{emptyWords(search)}</p>
            ) : (
              <VulnerabilitiesTable vulnerabilities={vulnerabilities} />
            )}
            <TokenPager tokens={tokens} nextPage={nextPage} label="Pages of vulnerabilities" turn={setTokens} />
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
    <TableFrame label="Vulnerabilities" columns={['ID', 'Worst severity', 'Description', 'Feeds']}>
      {vulnerabilities.map(({ id, severity, description, feeds }) => (
        <tr key={id}>
          <th scope="row" class="identifier">
            <a href={vulnerabilityAddress(id)}>{id}</a>
          </th>
          <td>
            <SeverityWord severity={severity} />
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

/** Writes CVE IDs in capitals; the search of the server is case-sensitive. */
function asIdentifier(text: string): string {
  return (/^cve-[\d-]*$/i.test(text) ? text.toUpperCase() : text).slice(0, MAX_SEARCH_LENGTH);
}

function emptyWords(search: string): string {
  return search === ''
    ? 'No vulnerabilities yet: no feed has been imported.'
    : `No vulnerability ID starts with “${search}”. The search is case-sensitive.`;
}
