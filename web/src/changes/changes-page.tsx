import type { VNode } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { DataChange, DataChangeList } from '../api-shapes.ts';
import { MAX_PAGE_SIZE, useNumberedPage } from '../paging/numbered-pages.ts';
import { AgoWord } from '../parts/ago-word.tsx';
import { LoadingView } from '../parts/loading-view.tsx';
import { OldCounts } from '../parts/old-counts.tsx';
import { RangePager, totalWords } from '../paging/range-pager.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { withPage } from '../paging/page-query.ts';
import { changesAddress, vulnerabilityAddress } from '../place.ts';
import type { ChangesQuery } from './changes-query.ts';
import { HiddenImports } from './hidden-imports.tsx';
import { SinceForm } from './since-form.tsx';
import { startOf } from './since.ts';

const CHANGES_PER_PAGE = 100;

/** Shows the advisory changes of all feeds since a selected time. */
export function ChangesPage({ api, query }: { readonly api: ApiClient; readonly query: ChangesQuery }): VNode {
  const { since, showsImports, inImages, number } = query;
  // The start is fixed, because a page token is valid only with the same start.
  const start = useMemo(() => startOf(since, Date.now()), [since]);
  const filters = {
    ...(start !== undefined && { since: start }),
    ...(!showsImports && { firstImports: 'false' }),
    ...(inImages && { inImages: 'true' }),
  };
  const [loaded, reload] = useNumberedPage({
    list: withPage(filters, undefined),
    number,
    load: async (token, limit, signal) =>
      await api.page<DataChangeList>(`changes?${withPage({ limit: `${limit}`, ...filters }, token)}`, signal),
    sizeOf: ({ changes }) => changes.length,
    pageSize: CHANGES_PER_PAGE,
    passedSize: MAX_PAGE_SIZE,
  });
  const imports = useRef<HTMLInputElement>(null);
  const show = (part: Partial<ChangesQuery>): void => {
    window.location.hash = changesAddress({ ...query, number: 1, ...part });
  };
  return (
    <>
      <h1>Recent changes</h1>
      <p>Advisories that the feeds added, changed or withdrew, newest first.</p>
      <SinceForm since={since} change={(next) => show({ since: next })} hasAll />
      <form class="filters">
        <label>
          <input
            type="checkbox"
            checked={inImages}
            onChange={({ currentTarget }) => show({ inImages: currentTarget.checked })}
          />{' '}
          Only vulnerabilities in indexed images
        </label>
        <label>
          <input
            type="checkbox"
            ref={imports}
            checked={showsImports}
            onChange={({ currentTarget }) => show({ showsImports: currentTarget.checked })}
          />{' '}
          First imports of feeds
        </label>
      </form>
      <LoadingView
        loaded={loaded}
        what="the changes"
        reload={reload}
        toFirst={number === 1 ? null : () => show({ number: 1 })}
      >
        {(of) => {
          const { changes, nextPage, isCurrent = true } = of.page;
          return (
            <>
              {!isCurrent && <OldCounts effect="Changes may be missing." />}
              <HiddenImports
                imports={showsImports ? [] : (of.page.firstImports ?? [])}
                hasOtherFilter={query.inImages}
                address={changesAddress({ ...query, number: 1, showsImports: true })}
                whenShown={() => imports.current?.focus()}
              />
              {changes.length === 0 ? (
                <p class="empty">{emptyWords(query, nextPage !== null)}</p>
              ) : (
                <>
                  <p class="list-words" role="status">
                    {totalWords(of, 'change')}.
                  </p>
                  <ChangesTable changes={changes} />
                </>
              )}
              <RangePager
                of={of}
                label="Pages of changes"
                addressOf={(next) => changesAddress({ ...query, number: next })}
              />
            </>
          );
        }}
      </LoadingView>
    </>
  );
}

function emptyWords({ inImages, since }: ChangesQuery, leadsOn: boolean): string {
  const what = `No changes${inImages ? ' to vulnerabilities in indexed images' : ''}`;
  if (leadsOn) return `${what} found so far. Older changes may be on the next page.`;
  return since === 'all' ? `${what} yet.` : `${what} since then.`;
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
