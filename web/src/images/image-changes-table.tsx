import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { FindingState, ImageChange, ImageChangeKind } from '../api-shapes.ts';
import { isLibrary } from '../../../src/model/package-kind.ts';
import { Pager } from '../paging/pager.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { AgoWord } from '../parts/ago-word.tsx';
import { vulnerabilityAddress } from '../place.ts';

/** The number of rows per page, which is small because the page has four of these tables. */
const ROWS_PER_PAGE = 10;

const KIND_WORDS: Readonly<Record<ImageChangeKind, { readonly title: string; readonly means: string }>> = {
  new: { title: 'New', means: 'The image did not have these findings before.' },
  rescored: { title: 'Re-scored', means: 'The severity, status or fixed version changed.' },
  fixed: { title: 'Fixed', means: 'The image no longer contains an affected version of the package.' },
  withdrawn: { title: 'Withdrawn', means: 'The feed no longer lists the version as affected.' },
};

/** Shows the changes of a kind, in the order of the API. */
export function ChangesOfKind({
  kind,
  changes,
}: {
  readonly kind: ImageChangeKind;
  readonly changes: readonly ImageChange[];
}): VNode | null {
  const [page, setPage] = useState(0);
  const pages = Math.ceil(changes.length / ROWS_PER_PAGE);
  // If the reader selects another start time, the number of pages might decrease.
  const present = Math.min(page, pages - 1);
  if (changes.length === 0) return null;
  const { title, means } = KIND_WORDS[kind];
  return (
    <>
      <h3 class={`change ${kind}`}>
        {title} <span>{changes.length.toLocaleString('en')}</span>
      </h3>
      <p class="faint">{means}</p>
      <TableFrame label={title} columns={['Vulnerability', 'Package', 'Before', 'After', 'Cause']}>
        {changes.slice(present * ROWS_PER_PAGE, (present + 1) * ROWS_PER_PAGE).map((change, index) => (
          <ChangeRow key={index} change={change} />
        ))}
      </TableFrame>
      <Pager page={present} pages={pages} label={`Pages of ${title}`} turn={setPage} />
    </>
  );
}

function ChangeRow({ change }: { readonly change: ImageChange }): VNode {
  const { vulnerability, before, after, cause, at, feed } = change;
  return (
    <tr>
      <th scope="row">
        <a href={vulnerabilityAddress(vulnerability)}>{vulnerability}</a>
      </th>
      <td>
        <bdi>{change.package}</bdi>
        {isLibrary(change) && <small>{change.type}</small>}
      </td>
      <td data-label="Before">
        <StateWords state={before} />
      </td>
      <td data-label="After">
        <StateWords state={after} />
      </td>
      <td data-label="Cause">
        {cause === 'image' ? (
          'image'
        ) : (
          <>
            feed {feed}
            {at !== null && (
              <small>
                <AgoWord at={at} />
              </small>
            )}
          </>
        )}
      </td>
    </tr>
  );
}

function StateWords({ state }: { readonly state: FindingState | null }): VNode {
  if (state === null) return <span class="faint">no finding</span>;
  const { version, severity, status, fixedIn } = state;
  return (
    <>
      <SeverityWord severity={severity} /> <code>{version}</code>
      <small>
        {fixedIn === null ? (
          status
        ) : (
          <>
            fixed in <code>{fixedIn}</code>
          </>
        )}
      </small>
    </>
  );
}
