import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { AffectedRange } from '../api-shapes.ts';
import { Pager } from '../paging/pager.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { countOf } from '../words.ts';

/** The number of rows per page. A kernel vulnerability has a row for each kernel package in each release. */
const ROWS_PER_PAGE = 50;

/** Shows the affected versions in a feed, by release and package. */
export function RangesTable({
  feed,
  ranges,
}: {
  readonly feed: string;
  readonly ranges: readonly AffectedRange[];
}): VNode {
  const [text, setText] = useState('');
  const [page, setPage] = useState(0);
  const wanted = text.toLowerCase();
  const shown = ranges.filter((range) => `${range.namespace} ${range.package}`.toLowerCase().includes(wanted));
  if (ranges.length === 0) return <p class="empty">The advisory lists no affected packages.</p>;
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
      <TableFrame
        label={`Ranges of ${feed}`}
        columns={['Release', 'Package', 'Affected versions', 'Status', 'Severity']}
      >
        {shown.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((range, index) => (
          <tr key={index}>
            <th scope="row">{range.namespace}</th>
            <td>
              <bdi>{range.package}</bdi>
            </td>
            <td data-label="Affected">{rangeInWords(range)}</td>
            <td data-label="Status">{range.status}</td>
            <td>
              <SeverityWord severity={range.severity} from={range.severityFrom} />
            </td>
          </tr>
        ))}
      </TableFrame>
      <Pager
        page={page}
        pages={Math.ceil(shown.length / ROWS_PER_PAGE)}
        label={`Pages of ${feed} ranges`}
        turn={setPage}
      />
    </>
  );
}

/** Returns a range as text in the form that advisories use, such as `≥ 1.0, < 1.2`. */
function rangeInWords({ introduced, fixedIn, lastAffected }: AffectedRange): VNode {
  const bounds = [
    ...(introduced === null ? [] : [`≥ ${introduced}`]),
    ...(fixedIn === null ? [] : [`< ${fixedIn}`]),
    ...(fixedIn !== null || lastAffected === null ? [] : [`≤ ${lastAffected}`]),
  ];
  return bounds.length === 0 ? <>all versions</> : <code>{bounds.join(', ')}</code>;
}
