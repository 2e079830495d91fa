import type { VNode } from 'preact';

/** The sort column of a table and its direction. */
export type Sorting<Column extends string> = { readonly column: Column; readonly isDescending: boolean };

/** Shows a heading that sorts the table by its column, and reverses the order of the current sort column. */
export function SortHeading<Column extends string>({
  column,
  words,
  sorting,
  sort,
  startsDescending = false,
}: {
  readonly column: Column;
  readonly words: string;
  readonly sorting: Sorting<Column>;
  readonly sort: (sorting: Sorting<Column>) => void;
  /** Whether the first click sorts in descending order. */
  readonly startsDescending?: boolean;
}): VNode {
  const isSorted = sorting.column === column;
  const order = sorting.isDescending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={isSorted ? order : 'none'}>
      <button
        type="button"
        class="plain"
        onClick={() => sort({ column, isDescending: isSorted ? !sorting.isDescending : startsDescending })}
      >
        {words}
        <span aria-hidden="true" class="order">
          {isSorted ? (sorting.isDescending ? '▼' : '▲') : '↕'}
        </span>
      </button>
    </th>
  );
}
