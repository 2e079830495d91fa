import type { VNode } from 'preact';
import type { ApiClient } from './api-client.ts';
import type { DataChange, DataChangeList } from './api-shapes.ts';
import { useLoaded } from './loaded.ts';
import { LoadingView } from './parts/loading-view.tsx';
import { SeverityWord } from './parts/severity-word.tsx';
import { TableFrame } from './parts/table-frame.tsx';
import { AgoWord } from './parts/ago-word.tsx';
import { TokenPager, usePageTokens, withPage } from './parts/token-pager.tsx';
import { vulnerabilityAddress } from './place.ts';

/** Shows the recent changes of the advisories of all feeds. */
export function ChangesPage({ api }: { readonly api: ApiClient }): VNode {
  const [tokens, setTokens, toFirst] = usePageTokens('');
  const path = `changes?${withPage({ limit: '100' }, tokens.at(-1))}`;
  const [loaded, reload] = useLoaded(async (signal) => await api.get<DataChangeList>(path, signal), path);
  return (
    <>
      <h1>Recent changes</h1>
      <p>Advisories that the feeds added, changed or withdrew, newest first, whether or not an image is affected.</p>
      <LoadingView loaded={loaded} what="the changes" reload={reload} toFirst={toFirst}>
        {({ changes, nextPage }) => (
          <>
            {changes.length === 0 ? <p class="empty">No changes yet.</p> : <ChangesTable changes={changes} />}
            <TokenPager tokens={tokens} nextPage={nextPage} label="Pages of changes" turn={setTokens} />
          </>
        )}
      </LoadingView>
    </>
  );
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
