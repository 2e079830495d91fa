import type { VNode } from 'preact';

/** Shows a search form, whose field keeps the search text even after the reader goes back. */
export function SearchForm({
  label,
  placeholder,
  asked,
  search,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly asked: string;
  readonly search: (text: string) => void;
}): VNode {
  return (
    <form
      role="search"
      class="filters search"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get('search');
        search(typeof text === 'string' ? text.trim() : '');
      }}
    >
      <label>
        {label}{' '}
        <input
          key={asked}
          name="search"
          type="search"
          defaultValue={asked}
          placeholder={placeholder}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <button type="submit">Search</button>
    </form>
  );
}
