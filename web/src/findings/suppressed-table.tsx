import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { SuppressedFinding } from '../../../src/model/report/report.ts';
import { Pager } from '../paging/pager.tsx';
import { LibraryPlace } from '../parts/path-list.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { vulnerabilityAddress } from '../place.ts';

const ROWS_PER_PAGE = 100;

/** Shows the suppressed findings, with the reasons and authors of their ignore rules or VEX statements. */
export function SuppressedTable({ suppressed }: { readonly suppressed: readonly SuppressedFinding[] }): VNode | null {
  const [page, setPage] = useState(0);
  if (suppressed.length === 0) return null;
  return (
    <section aria-labelledby="suppressed-title">
      <h2 id="suppressed-title">Suppressed findings</h2>
      <p class="faint">
        Ignore rules and VEX statements suppress these findings. Suppressed findings are not counted above.
      </p>
      <TableFrame
        label="Table of suppressed findings"
        columns={['Severity', 'Vulnerability', 'Package', 'Reason', 'Author']}
      >
        {suppressed.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((finding) => (
          <SuppressedRow key={`${finding.id} ${finding.purl}`} finding={finding} />
        ))}
      </TableFrame>
      <Pager
        page={page}
        pages={Math.ceil(suppressed.length / ROWS_PER_PAGE)}
        label="Pages of suppressed findings"
        turn={setPage}
      />
    </section>
  );
}

function SuppressedRow({ finding }: { readonly finding: SuppressedFinding }): VNode {
  const { justification, reason, where, by, author, expires } = finding.suppression;
  return (
    <tr>
      <td>
        <SeverityWord severity={finding.severity} />
      </td>
      <th scope="row">
        <a href={vulnerabilityAddress(finding.id)}>{finding.id}</a>
      </th>
      <td>
        <bdi>{finding.package}</bdi> <code>{finding.version}</code>
        <LibraryPlace of={finding} />
      </td>
      <td class="words" data-label="Reason">
        <bdi>{reason}</bdi> {justification !== null && <code>{justification}</code>}
      </td>
      <td data-label="Author">
        <bdi>{author ?? 'No author given'}</bdi>
        <small>
          {by}: <bdi>{where}</bdi>
          {expires !== null && `, expires ${expires}`}
        </small>
      </td>
    </tr>
  );
}
