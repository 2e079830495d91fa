import type { VNode } from 'preact';

/** Shows that a list has entries, but none that match its filters, with a button that clears the filters. */
export function NoMatch({ noun, clear }: { readonly noun: string; readonly clear: () => void }): VNode {
  return (
    <p class="empty">
      No {noun} matches these filters.{' '}
      <button
        type="button"
        onClick={() => {
          clear();
          // The button disappears, so the focus moves to the filters.
          document.querySelector<HTMLInputElement>('.filters input')?.focus();
        }}
      >
        Clear filters
      </button>
    </p>
  );
}
