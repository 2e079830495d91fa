import type { VNode } from 'preact';
import type { ApiClient } from './api-client.ts';
import type { DataChange, DataChangeList } from './api-shapes.ts';
import { filledPage } from './filled-page.ts';
import { useLoaded } from './loaded.ts';
import { LoadingView } from './parts/loading-view.tsx';
import { OldCounts } from './parts/old-counts.tsx';
import { SeverityWord } from './parts/severity-word.tsx';
import { TableFrame } from './parts/table-frame.tsx';
import { AgoWord } from './parts/ago-word.tsx';
import { TokenPager, usePageTokens, withPage } from './parts/token-pager.tsx';
import { changesAddress, vulnerabilityAddress } from './place.ts';

/** Shows the recent advisory changes of all feeds. */
export function ChangesPage({ api, inImages }: { readonly api: ApiClient; readonly inImages: boolean }): VNode {
  const list = inImages ? 'in images' : 'all';
  const [tokens, setTokens, toFirst] = usePageTokens(list);
  const query = (token: string | undefined): string =>
    `changes?${withPage({ limit: '100', ...(inImages && { inImages: 'true' }) }, token)}`;
  const path = query(tokens.at(-1));
  const [loaded, reload] = useLoaded(
    async (signal) =>
      await filledPage(
        async (token) => await api.get<DataChangeList>(query(token), signal),
        ({ changes }) => changes.length === 0,
        tokens.at(-1),
      ),
    path,
    list,
  );
  return (
    <>
      <h1>Recent changes</h1>
      <p>Advisories that the feeds added, changed or withdrew, newest first.</p>
      <form class="filters">
        <label>
          <input
            type="checkbox"
            checked={inImages}
            onChange={({ currentTarget }) => {
              window.location.hash = changesAddress(currentTarget.checked);
            }}
          />{' '}
          Only vulnerabilities in indexed images
        </label>
      </form>
      <LoadingView loaded={loaded} what="the changes" reload={reload} toFirst={toFirst}>
        {({ changes, nextPage, isCurrent = true }) => (
          <>
            {!isCurrent && <OldCounts effect="Changes may be missing." />}
            {changes.length === 0 ? (
              <p class="empty">{emptyWords(inImages, nextPage !== null)}</p>
            ) : (
              <ChangesTable changes={changes} />
            )}
            <TokenPager tokens={tokens} nextPage={nextPage} label="Pages of changes" turn={setTokens} />
          </>
        )}
      </LoadingView>
    </>
  );
}

function emptyWords(inImages: boolean, leadsOn: boolean): string {
  if (!inImages) return 'No changes yet.';
  if (!leadsOn) return 'No changes to vulnerabilities in indexed images.';
  return 'No changes to vulnerabilities in indexed images found so far. Older changes may be on the next page.';
}

function ChangesTable({ changes }: { readonly changes: readonly DataChange[] }): VNode {
  return (
    <TableFrame
      label="Changes"
      columns={['When', 'Vulnerability', 'Change', 'Severity before', 'Severity after', 'Feed']}
    >
      {changes.map(({ at, vulnerability, kind, isInitial, before, after, feed }, index) => (
        <tr key={index}>
          <td>
            <AgoWord at={at} />
          </td>
          <th scope="row">
            <a href={vulnerabilityAddress(vulnerability)}>{vulnerability}</a>
          </th>
          <td>
            {kind}
            {isInitial && <small>first import of the feed</small>}
          </td>
          <td data-label="Before">{before !== null && <SeverityWord severity={before} />}</td>
          <td data-label="After">{after !== null && <SeverityWord severity={after} />}</td>
          <td data-label="Feed">{feed}</td>
        </tr>
      ))}
    </TableFrame>
  );
}
