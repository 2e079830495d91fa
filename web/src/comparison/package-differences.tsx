import type { VNode } from 'preact';
import type { ImageDifference } from '../api-shapes.ts';
import { useFirstShown } from '../parts/first-shown.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { countOf } from '../words.ts';

type Row = {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  /** The version in the first image; null for an added package. */
  readonly before: string | null;
  /** The version in the second image; null for a removed package. */
  readonly after: string | null;
};

/** The number of rows of the table shown at first. */
const FIRST_SHOWN = 100;

/** Shows the packages that were changed, added or removed, with their versions side by side. */
export function PackageDifferences({ packages }: { readonly packages: ImageDifference['packages'] }): VNode {
  const rows = rowsOf(packages);
  const [shown, more] = useFirstShown(rows, FIRST_SHOWN);
  return (
    <section aria-labelledby="compared-packages">
      <h2 id="compared-packages">Packages</h2>
      {rows.length === 0 ? (
        <p class="empty">Both images have the same packages.</p>
      ) : (
        <>
          <p>
            {countOf(packages.changed.length, 'package')} changed, {packages.added.length.toLocaleString('en')} added,{' '}
            {packages.removed.length.toLocaleString('en')} removed.
          </p>
          <TableFrame label="Packages that differ" columns={['Package', 'Type', 'First image', 'Second image']}>
            {shown.map(({ key, name, type, before, after }) => (
              <tr key={key}>
                <th scope="row">
                  <bdi>{name}</bdi>
                </th>
                <td data-label="Type">{type}</td>
                <td data-label="First image">
                  {before === null ? <span class="faint">not installed</span> : <code>{before}</code>}
                </td>
                <td data-label="Second image">
                  {after === null ? <span class="faint">not installed</span> : <code>{after}</code>}
                </td>
              </tr>
            ))}
          </TableFrame>
          {more}
        </>
      )}
    </section>
  );
}

function rowsOf({ changed, added, removed }: ImageDifference['packages']): readonly Row[] {
  const rows = [
    ...changed.map(({ name, type, before, after }) => ({ name, type, before: before.version, after: after.version })),
    ...added.map(({ name, type, version }) => ({ name, type, before: null, after: version })),
    ...removed.map(({ name, type, version }) => ({ name, type, before: version, after: null })),
  ];
  return rows.map((row, index) => ({ ...row, key: `${index}` }));
}
