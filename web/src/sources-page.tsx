import type { VNode } from 'preact';
import type { ApiClient } from './api-client.ts';
import type { ServerStatus, SourceRow } from './api-shapes.ts';
import { useLoaded } from './loaded.ts';
import { LoadingView } from './parts/loading-view.tsx';
import { ageInWords, countOf } from './words.ts';

/** The state of the sources and of the queue: how far what is said here can be relied on. */
export function SourcesPage({ api }: { readonly api: ApiClient }): VNode {
  const [status, reloadStatus] = useLoaded(async (signal) => await api.get<ServerStatus>('status', signal), 'status');
  const [sources, reload] = useLoaded(async (signal) => sourcesIn(await api.get('sources', signal)), 'sources');
  return (
    <>
      <h1>Sources</h1>
      <LoadingView loaded={status} what="the state of the server" reload={reloadStatus}>
        {({ version, queue }) => (
          <p>
            Clair {version}. {countOf(queue.queued, 'image')} waiting to be read, {queue.reading.toLocaleString('en')}{' '}
            being read.
          </p>
        )}
      </LoadingView>
      <LoadingView loaded={sources} what="the sources" reload={reload}>
        {(rows) => <SourcesTable rows={rows} />}
      </LoadingView>
    </>
  );
}

function SourcesTable({ rows }: { readonly rows: readonly SourceRow[] }): VNode {
  const bad = rows.filter(({ error, isStale }) => error !== null || isStale);
  return (
    <>
      {bad.length > 0 && (
        <div class="notice incomplete">
          <p>
            <b>Not all of the data can be relied on.</b> {countOf(bad.length, 'source')} failed or is too old: what was
            published since is not known here.
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
                  <span class={`state ${stateOf(row).replaceAll(' ', '-')}`}>{stateOf(row)}</span>
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

/** A list, as `clair sources --json` writes it, or in an object as the other lists of the API. */
function sourcesIn(answer: readonly SourceRow[] | { readonly sources: readonly SourceRow[] }): readonly SourceRow[] {
  return 'sources' in answer ? answer.sources : answer;
}

function stateOf({ error, isStale, updatedAt }: SourceRow): string {
  if (error !== null) return 'failed';
  if (updatedAt === null) return 'never updated';
  return isStale ? 'old' : 'fresh';
}
