import type { VNode } from 'preact';

/** A section of a long page, by the id of its heading. */
export type Section = { readonly heading: string; readonly words: string };

/** Links to the sections of a long page. The links are buttons, because the URL fragment names the page. */
export function SectionLinks({ sections }: { readonly sections: readonly Section[] }): VNode {
  return (
    <nav class="sections" aria-label="On this page">
      {sections.map(({ heading, words }) => (
        <button key={heading} type="button" class="plain" onClick={() => lead(heading)}>
          {words}
        </button>
      ))}
    </nav>
  );
}

/** Moves the focus to a heading, so that keyboard and screen reader users continue there. */
function lead(id: string): void {
  const heading = document.getElementById(id);
  if (heading === null) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: 'start' });
}
