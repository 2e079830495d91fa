import type { ComponentChildren, RefObject, VNode } from 'preact';

/**
 * Shows a table. If the table is too wide, the reader can scroll it horizontally with the pointer or with keys. On a
 * phone each row is a card, and `data-label` names its cells.
 */
export function TableFrame({
  label,
  kind,
  columns,
  rowCount,
  body,
  children,
}: {
  /** The name of the table for screen readers. */
  readonly label: string;
  /** A CSS class. */
  readonly kind?: string;
  /** The headings of the columns, as plain text or sortable headings. */
  readonly columns: readonly (string | VNode)[];
  /** The number of rows, if some rows are not in the document. */
  readonly rowCount?: number;
  readonly body?: RefObject<HTMLTableSectionElement | null>;
  readonly children: ComponentChildren;
}): VNode {
  // ARIA counts the row of the headings.
  const rows = rowCount === undefined ? {} : { 'aria-rowcount': rowCount + 1 };
  return (
    <div class="wide" role="region" aria-label={label} tabIndex={0}>
      <table class={kind} {...rows}>
        <thead>
          <tr {...(rowCount !== undefined && { 'aria-rowindex': 1 })}>
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
        <tbody ref={body ?? null}>{children}</tbody>
      </table>
    </div>
  );
}
