import type { ComponentChildren, VNode } from 'preact';

/**
 * Shows a table that scrolls sideways if it is too wide, by pointer or by keys. On a phone each row is a card, and
 * `data-label` names its cells.
 */
export function TableFrame({
  label,
  columns,
  children,
}: {
  /** The name of the table for screen readers. */
  readonly label: string;
  /** The headings: a text, or a sortable heading. */
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
