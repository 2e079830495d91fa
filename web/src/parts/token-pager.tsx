import type { VNode } from 'preact';

/** The tokens of the pages that led to the present one of a list of the API; none at the first. */
export type PageTokens = readonly string[];

/** Adds the present page to what is asked of a list. */
export function withPage(query: Readonly<Record<string, string>>, tokens: PageTokens): string {
  const token = tokens.at(-1);
  return new URLSearchParams({ ...query, ...(token !== undefined && { page: token }) }).toString();
}

/** Leads through a list of which the API tells only where the next page starts; nothing where there is but one. */
export function TokenPager({
  tokens,
  nextPage,
  label,
  turn,
}: {
  readonly tokens: PageTokens;
  readonly nextPage: string | null;
  readonly label: string;
  readonly turn: (tokens: PageTokens) => void;
}): VNode | null {
  if (tokens.length === 0 && nextPage === null) return null;
  return (
    <nav class="pager" aria-label={label}>
      <button type="button" disabled={tokens.length === 0} onClick={() => turn(tokens.slice(0, -1))}>
        Previous
      </button>
      <span role="status">Page {(tokens.length + 1).toLocaleString('en')}</span>
      <button
        type="button"
        disabled={nextPage === null}
        onClick={() => nextPage !== null && turn([...tokens, nextPage])}
      >
        Next
      </button>
    </nav>
  );
}
