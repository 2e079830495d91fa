import type { VNode } from 'preact';

/** Shows a notice that a list depends on counts of images that are missing or out of date. */
export function OldCounts({ effect = '' }: { readonly effect?: string }): VNode {
  return (
    <p>
      <b class="mark incomplete">{`Some counts are missing or out of date.${effect === '' ? '' : ` ${effect}`}`}</b>
    </p>
  );
}
