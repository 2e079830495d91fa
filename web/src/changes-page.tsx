import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiClient } from './api-client.ts';
import type { DataChange, DataChangeList } from './api-shapes.ts';
import { useLoaded } from './loaded.ts';
import { LoadingView } from './parts/loading-view.tsx';
import { SeverityWord } from './parts/severity-word.tsx';
import { type PageTokens, TokenPager, withPage } from './parts/token-pager.tsx';
import { vulnerabilityAddress } from './place.ts';

/** What changed lately in the data of the sources. */
export function ChangesPage({ api }: { readonly api: ApiClient }): VNode {
  const [tokens, setTokens] = useState<PageTokens>([]);
  const path = `changes?${withPage({ limit: '100' }, tokens)}`;
  const [loaded, reload] = useLoaded(async (signal) => await api.get<DataChangeList>(path, signal), path);
  return (
    <>
      <h1>What changed lately</h1>
      <LoadingView loaded={loaded} what="the changes" reload={reload}>
        {({ changes, nextPage }) => (
          <>
            {changes.length === 0 ? <p class="empty">Nothing changed yet.</p> : <ChangesTable changes={changes} />}
            <TokenPager tokens={tokens} nextPage={nextPage} label="Pages of changes" turn={setTokens} />
          </>
        )}
      </LoadingView>
    </>
  );
}

function ChangesTable({ changes }: { readonly changes: readonly DataChange[] }): VNode {
  return (
    <div class="wide" role="region" aria-label="Changes" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Vulnerability</th>
            <th scope="col">Change</th>
            <th scope="col">Severity before</th>
            <th scope="col">Severity after</th>
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ at, vulnerability, kind, isInitial, before, after, source }, index) => (
            <tr key={index}>
              <td>
                <time dateTime={at}>{at.slice(0, 16).replace('T', ' ')}</time>
              </td>
              <th scope="row">
                <a href={vulnerabilityAddress(vulnerability)}>{vulnerability}</a>
              </th>
              <td>
                {kind}
                {isInitial && <small>with the first update of the source</small>}
              </td>
              <td>{before !== null && <SeverityWord severity={before} />}</td>
              <td>{after !== null && <SeverityWord severity={after} />}</td>
              <td>{source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
