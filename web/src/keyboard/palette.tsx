import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import { useLoaded } from '../loaded.ts';
import { ErrorWords } from '../parts/loading-view.tsx';
import { usePaused } from './paused-text.ts';
import { Modal } from './modal.tsx';
import { fixedEntries, foundEntries, type PaletteEntry } from './palette-entries.ts';

const KIND_WORDS: Readonly<Record<PaletteEntry['kind'], string>> = {
  page: 'Page',
  action: 'Action',
  image: 'Image',
  vulnerability: 'Vulnerability',
};

/** Shows the command palette, which searches images, vulnerabilities, pages and actions (ARIA combobox with a list). */
export function Palette({ api, close }: { readonly api: ApiClient; readonly close: () => void }): VNode {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const asked = usePaused(text);
  const [found] = useLoaded(async (signal) => await foundEntries(api, asked, signal), asked);
  const entries = useMemo(
    () => [...fixedEntries(text), ...(found.state === 'ready' && text.trim() !== '' ? found.value : [])],
    [text, found],
  );
  const current = Math.min(at, entries.length - 1);
  const isSearching = asked !== text || found.state === 'loading' || (found.state === 'ready' && found.isReplaced);
  useEffect(() => document.getElementById(`entry ${current}`)?.scrollIntoView({ block: 'nearest' }), [current]);

  const go = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return;
    close();
    window.location.hash = entry.address;
  };
  const move = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: current + 1, ArrowUp: current - 1 };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setAt((next + entries.length) % Math.max(1, entries.length));
  };
  return (
    <Modal label="Search everything" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          go(entries[current]);
        }}
      >
        <input
          class="palette-search"
          type="text"
          role="combobox"
          aria-label="Search everything"
          aria-expanded={entries.length > 0}
          aria-controls="palette-entries"
          aria-activedescendant={entries.length > 0 ? `entry ${current}` : undefined}
          aria-autocomplete="list"
          placeholder="image, CVE, page or action"
          autocomplete="off"
          spellcheck={false}
          autofocus
          value={text}
          onKeyDown={move}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setAt(0);
          }}
        />
      </form>
      <ul id="palette-entries" role="listbox" aria-label="Results">
        {entries.map((entry, index) => (
          <li
            key={entry.address}
            id={`entry ${index}`}
            role="option"
            aria-selected={index === current}
            onClick={() => go(entry)}
            onPointerMove={() => setAt(index)}
          >
            <small>{KIND_WORDS[entry.kind]}</small> <bdi>{entry.words}</bdi> <small>{entry.detail}</small>
          </li>
        ))}
      </ul>
      <p class="faint" role="status">
        {found.state === 'failed' ? (
          <>
            Could not search. <ErrorWords error={found.error} />
          </>
        ) : (
          statusWords(entries.length, isSearching)
        )}
      </p>
    </Modal>
  );
}

function statusWords(count: number, isSearching: boolean): string {
  if (isSearching) return 'Searching …';
  return count === 0
    ? 'Nothing found. The search finds images by a part of their name or by their whole digest, and vulnerabilities by the start of their ID, such as CVE-2024. To find a package, open an image and search in its tab “Packages”.'
    : 'Press ↑ or ↓ to select, and Enter to open.';
}
