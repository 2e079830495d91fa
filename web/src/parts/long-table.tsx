import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { TableFrame } from './table-frame.tsx';
import { MAX_WHOLE, useVirtualRows } from './virtual-rows.ts';

/** The attributes of a row of a long table. */
export type RowAttributes = {
  readonly ref: (row: HTMLTableRowElement | null) => void;
  readonly 'data-index': number;
  readonly 'aria-rowindex': number;
};

/**
 * Shows a table with any number of rows. Only the rows near the window and the focused row are in the document. Screen
 * readers receive the position of each row and the number of all rows.
 *
 * @param rowOf returns a row with its attributes and a unique `key`
 */
export function LongTable({
  label,
  kind,
  columns,
  count,
  rowOf,
  identityOf = () => rowOf,
  whenShown,
}: {
  /** The name of the table for screen readers. */
  readonly label: string;
  /** The CSS class with the widths of the columns. */
  readonly kind: string;
  readonly columns: readonly (string | VNode)[];
  readonly count: number;
  readonly rowOf: (index: number, row: RowAttributes) => VNode;
  /** Returns the object on which the row depends, if the row depends on nothing else. */
  readonly identityOf?: (index: number) => unknown;
  /** The table calls this function with the index of the last row in the window. */
  readonly whenShown?: (last: number) => void;
}): VNode {
  const body = useRef<HTMLTableSectionElement>(null);
  const { parts, last, measure } = useVirtualRows(body, count);
  useEffect(() => whenShown?.(last), [last]);
  const nodes = useRowNodes(rowOf, identityOf, measure);
  return (
    <TableFrame label={label} kind={kind} columns={columns} rowCount={count} body={body}>
      {parts.map((part) =>
        'gap' in part ? (
          <tr key={`before ${part.before}`} class="gap" aria-hidden="true" style={{ height: `${part.gap}px` }} />
        ) : (
          nodes(part.index)
        ),
      )}
    </TableFrame>
  );
}

/** Returns a function that returns the same node for the same row, so that scrolling renders only new rows. */
function useRowNodes(
  rowOf: (index: number, row: RowAttributes) => VNode,
  identityOf: (index: number) => unknown,
  measure: RowAttributes['ref'],
): (index: number) => VNode {
  const kept = useRef(new Map<number, { readonly identity: unknown; readonly node: VNode }>());
  return (index) => {
    const identity = identityOf(index);
    const present = kept.current.get(index);
    if (present !== undefined && present.identity === identity) return present.node;
    const node = rowOf(index, { ref: measure, 'data-index': index, 'aria-rowindex': index + 2 });
    kept.current.set(index, { identity, node });
    return node;
  };
}

/** Shows the hint that the search of the browser does not find rows outside the window. Short tables have no hint. */
export function FindHint({
  count,
  children,
}: {
  readonly count: number;
  readonly children: ComponentChildren;
}): VNode | null {
  if (count <= MAX_WHOLE) return null;
  return <span class="faint key-hint"> {children}</span>;
}
