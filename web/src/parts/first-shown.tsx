import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

/** The first entries of a long list, and the button that shows all of them; no button where all are shown. */
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
