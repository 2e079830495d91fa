import type { ComponentChildren, VNode } from 'preact';

/**
 * A table in its frame. One that is too wide is moved sideways within it, by keys too; on a phone each row is a card, whose cells
 * are named by their `data-label`.
 */
export function TableFrame({
  label,
  columns,
  children,
}: {
  /** What it is, for who cannot see what stands around it. */
  readonly label: string;
  /** The headings: words, or a heading that sorts. */
  readonly columns: readonly (string | VNode)[];
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class="wide" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) =>
              typeof column === 'string' ? (
                <th key={column} scope="col">
                  {column}
                </th>
              ) : (
                column
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
