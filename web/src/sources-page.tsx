import type { VNode } from 'preact';
import type { ApiClient } from './api-client.ts';
import type { ServerStatus, SourceRow, SubmissionList } from './api-shapes.ts';
import { useLoaded } from './loaded.ts';
import { LoadingView } from './parts/loading-view.tsx';
import { QueueTable } from './queue-table.tsx';
import { ageInWords, countOf } from './words.ts';

/** The state of the sources and of the queue: how far what is said here can be relied on. */
export function SourcesPage({ api }: { readonly api: ApiClient }): VNode {
  const [status, reloadStatus] = useLoaded(async (signal) => await api.get<ServerStatus>('status', signal), 'status');
  const [sources, reload] = useLoaded(async (signal) => await api.get<SourceList>('sources', signal), 'sources');
  const [submitted, reloadSubmitted] = useLoaded(
    async (signal) => await api.get<SubmissionList>('submissions?limit=25', signal),
    'queue',
  );
  return (
    <>
      <h1>Sources and queue</h1>
      <LoadingView loaded={status} what="the state of the server" reload={reloadStatus}>
        {({ version, queue }) => (
          <p>
            Clair {version}. {countOf(queue.queued, 'image')} waiting to be read, {queue.reading.toLocaleString('en')}{' '}
            being read.
          </p>
        )}
      </LoadingView>
      <LoadingView loaded={sources} what="the sources" reload={reload}>
        {(answer) => <SourcesTable rows={answer.sources} />}
      </LoadingView>
      <h2>Queue</h2>
      <LoadingView loaded={submitted} what="the queue" reload={reloadSubmitted}>
        {({ submissions }) => <QueueTable submissions={submissions} />}
      </LoadingView>
    </>
  );
}

type SourceList = { readonly sources: readonly SourceRow[] };

function SourcesTable({ rows }: { readonly rows: readonly SourceRow[] }): VNode {
  const bad = rows.filter(({ error, isStale }) => error !== null || isStale);
  return (
    <>
      {bad.length > 0 && (
        <div class="notice incomplete">
          <p>
            <b>Not all of the data can be relied on.</b> Of {countOf(bad.length, 'source')} the last update failed or
            the data is too old: what was published since is not known here.
          </p>
        </div>
      )}
      <div class="wide" role="region" aria-label="Sources" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col">State</th>
              <th scope="col">Age</th>
              <th scope="col">Holds</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td>
                  <span class={`state ${row.state.replaceAll(' ', '-')}`}>{row.state}</span>
                </td>
                <td>{row.ageSeconds === null ? 'never' : ageInWords(row.ageSeconds)}</td>
                <td>
                  {row.vulnerabilities.toLocaleString('en')} {row.holds ?? 'records'}
                </td>
                <td class="words">
                  {row.error}
                  {row.skippedRecords > 0 && ` ${countOf(row.skippedRecords, 'record')} skipped.`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
