import type { VNode } from 'preact';
import { vulnerabilityAddress } from '../place.ts';

/** Asks which vulnerability is wanted. */
export function LookUpPage(): VNode {
  return (
    <>
      <h1>Vulnerabilities</h1>
      <p>What each source says of a vulnerability, and of which versions.</p>
      <form
        role="search"
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          const asked = new FormData(event.currentTarget).get('id');
          if (typeof asked === 'string' && asked.trim() !== '')
            window.location.hash = vulnerabilityAddress(asked.trim());
        }}
      >
        <label>
          Identifier{' '}
          <input name="id" type="search" placeholder="CVE-2024-1234" autocomplete="off" spellcheck={false} required />
        </label>
        <button type="submit">Look up</button>
      </form>
    </>
  );
}
