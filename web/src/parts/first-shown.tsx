import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

/**
 * Returns the first entries of a long list, and a button that shows all entries. The button is null if there are no
 * further entries.
 */
export function useFirstShown<Item>(
  items: readonly Item[],
  count: number,
): readonly [shown: readonly Item[], more: VNode | null] {
  const [isAll, setAll] = useState(false);
  if (isAll || items.length <= count) return [items, null];
  const more = (
    <button type="button" onClick={() => setAll(true)}>
      Show all {items.length.toLocaleString('en')}
    </button>
  );
  return [items.slice(0, count), more];
}
