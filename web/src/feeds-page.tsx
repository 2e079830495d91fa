import type { VNode } from 'preact';
import type { ApiClient } from './api-client.ts';
import type { ServerStatus, FeedRow, SubmissionList } from './api-shapes.ts';
import { useLoaded } from './loaded.ts';
import { LoadingView } from './parts/loading-view.tsx';
import { hasFeedData, NoFeedData } from './parts/no-feed-data.tsx';
import { TableFrame } from './parts/table-frame.tsx';
import { QueueTable } from './queue-table.tsx';
import { ageInWords, countOf } from './words.ts';

/** Shows the state of the feeds and of the queue of submissions. */
export function FeedsPage({ api }: { readonly api: ApiClient }): VNode {
  const [status, reloadStatus] = useLoaded(async (signal) => await api.get<ServerStatus>('status', signal), 'status');
  const [feeds, reload] = useLoaded(async (signal) => await api.get<FeedList>('feeds', signal), 'feeds');
  const [submitted, reloadSubmitted] = useLoaded(
    async (signal) => await api.get<SubmissionList>('submissions?limit=25', signal),
    'queue',
  );
  return (
    <>
      <h1>Feeds and queue</h1>
      <LoadingView loaded={status} what="the server status" reload={reloadStatus}>
        {({ version, queue }) => (
          <p>
            Clair {version}. {countOf(queue.queued, 'image')} queued, {queue.reading.toLocaleString('en')} being read.
          </p>
        )}
      </LoadingView>
      <LoadingView loaded={feeds} what="the feeds" reload={reload}>
        {(answer) => <FeedsTable rows={answer.feeds} />}
      </LoadingView>
      <h2>Queue</h2>
      <LoadingView loaded={submitted} what="the queue" reload={reloadSubmitted}>
        {({ submissions }) => <QueueTable submissions={submissions} />}
      </LoadingView>
    </>
  );
}

type FeedList = { readonly feeds: readonly FeedRow[] };

function FeedsTable({ rows }: { readonly rows: readonly FeedRow[] }): VNode {
  const bad = rows.filter(({ error, isStale }) => error !== null || isStale);
  const unused = rows.filter(isNeverUpdated);
  if (rows.length === 0) return <NoFeedData linksFeeds={false} />;
  const hasData = hasFeedData(rows.filter(({ holds }) => holds !== 'enrichments'));
  return (
    <>
      {!hasData && <NoFeedData linksFeeds={false} />}
      {bad.length > 0 && (
        <div class="notice incomplete">
          <p>
            <b>Some feeds may be out of date.</b> {countOf(bad.length, 'feed')} {bad.length === 1 ? 'has' : 'have'}{' '}
            stale data or a failed update, so recent data may be missing.
          </p>
        </div>
      )}
      <TableFrame label="Feeds" columns={['Feed', 'State', 'Age', 'Entries', 'Details']}>
        {rows
          .filter((row) => !isNeverUpdated(row))
          .map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td>
                <span class={`state ${row.state.replaceAll(' ', '-')}`}>{row.state}</span>
              </td>
              <td data-label="Age">{row.ageSeconds === null ? 'never' : ageInWords(row.ageSeconds)}</td>
              <td data-label="Entries">
                {row.vulnerabilities.toLocaleString('en')} {row.holds ?? 'entries'}
              </td>
              <td class="words">
                {row.error}
                {row.refused !== null &&
                  row.refused !== row.error &&
                  ` The server rejected newer data: ${row.refused}.`}
                {row.skippedRecords > 0 && ` Skipped entries: ${row.skippedRecords.toLocaleString('en')}.`}
              </td>
            </tr>
          ))}
        {unused.length > 0 && (
          <tr>
            <th scope="row">{countOf(unused.length, unused.length === rows.length ? 'feed' : 'other feed')}</th>
            <td>
              <span class="state never">never updated</span>
            </td>
            <td colSpan={3}>
              <details>
                <summary>Show the names</summary>
                {unused.map(({ name }) => name).join(', ')}
              </details>
            </td>
          </tr>
        )}
      </TableFrame>
    </>
  );
}

/** Returns whether a feed has neither an update nor an error. A single row shows all such feeds. */
function isNeverUpdated({ ageSeconds, error }: FeedRow): boolean {
  return ageSeconds === null && error === null;
}
