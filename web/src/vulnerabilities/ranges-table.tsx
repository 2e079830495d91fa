import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { AffectedRange } from '../api-shapes.ts';
import { Pager } from '../parts/pager.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { countOf } from '../words.ts';

/** A kernel has a row for each of its packages in each release. */
const ROWS_PER_PAGE = 50;

/** Which versions a source finds affected, by release and package. */
export function RangesTable({
  source,
  ranges,
}: {
  readonly source: string;
  readonly ranges: readonly AffectedRange[];
}): VNode {
  const [text, setText] = useState('');
  const [page, setPage] = useState(0);
  const wanted = text.toLowerCase();
  const shown = ranges.filter((range) => `${range.namespace} ${range.package}`.toLowerCase().includes(wanted));
  if (ranges.length === 0) return <p class="empty">This source names no affected package.</p>;
  return (
    <>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        {ranges.length > ROWS_PER_PAGE && (
          <label>
            Release or package{' '}
            <input
              type="search"
              value={text}
              onInput={({ currentTarget }) => {
                setText(currentTarget.value.trim());
                setPage(0);
              }}
            />
          </label>
        )}
        <span role="status">{countOf(shown.length, 'range')}</span>
      </form>
      <div class="wide" role="region" aria-label={`Ranges of ${source}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Release</th>
              <th scope="col">Package</th>
              <th scope="col">Affected versions</th>
              <th scope="col">State</th>
              <th scope="col">Severity</th>
            </tr>
          </thead>
          <tbody>
            {shown.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((range, index) => (
              <tr key={index}>
                <th scope="row">{range.namespace}</th>
                <td>
                  <bdi>{range.package}</bdi>
                </td>
                <td>
                  <code>{rangeInWords(range)}</code>
                </td>
                <td>{range.status}</td>
                <td>
                  <SeverityWord severity={range.severity} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager
        page={page}
        pages={Math.ceil(shown.length / ROWS_PER_PAGE)}
        label={`Pages of ranges of ${source}`}
        turn={setPage}
      />
    </>
  );
}

/** As it is written in mathematics: with the first version, and without the fixed one. */
function rangeInWords({ introduced, fixedIn, lastAffected }: AffectedRange): string {
  const from = introduced ?? '0';
  if (fixedIn !== null) return `[${from}, ${fixedIn})`;
  return lastAffected === null ? `[${from}, ∞)` : `[${from}, ${lastAffected}]`;
}
