import { useEffect, useRef } from 'preact/hooks';

export type KeyAction = 'palette' | 'help' | 'search' | 'next-row' | 'previous-row';

/**
 * The keys of the web UI, which the list of keys shows. The user can turn off the single-key shortcuts (WCAG 2.1.4).
 */
export const KEYS: readonly { readonly keys: readonly string[]; readonly words: string; readonly isSingle: boolean }[] =
  [
    { keys: ['Ctrl+K', '⌘K'], words: 'search images, vulnerabilities, pages and actions', isSingle: false },
    { keys: ['j'], words: 'go to the next row of the list', isSingle: true },
    { keys: ['k'], words: 'go to the previous row of the list', isSingle: true },
    { keys: ['Enter'], words: 'open the row', isSingle: false },
    { keys: ['/'], words: 'go to the search field of the page', isSingle: true },
    { keys: ['?'], words: 'show these keys', isSingle: true },
    { keys: ['Esc'], words: 'close', isSingle: false },
  ];

/** The parts of a key press that determine its action. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'> & {
  /** Whether a field or a dialog receives the text. */
  readonly isTyped: boolean;
};

/** Returns the action of a key press, or undefined if there is none. */
export function keyAction(
  { key, ctrlKey, metaKey, altKey, isTyped }: KeyPress,
  hasSingleKeys: boolean,
): KeyAction | undefined {
  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === 'k') return 'palette';
  if (ctrlKey || metaKey || altKey || isTyped || !hasSingleKeys) return undefined;
  return SINGLE[key];
}

const SINGLE: Readonly<Record<string, KeyAction | undefined>> = {
  '/': 'search',
  '?': 'help',
  j: 'next-row',
  k: 'previous-row',
};

/**
 * Handles key presses. The keys for the palette and for the list of keys call `open`; other keys move the focus in
 * lists or to the search field.
 */
export function useShortcuts(hasSingleKeys: () => boolean, open: (what: 'palette' | 'help') => void): void {
  const opening = useRef(open);
  opening.current = open;
  useEffect(() => {
    const follow = (event: KeyboardEvent): void => {
      const isTyped = event.target instanceof Element && event.target.closest(TYPED) !== null;
      const { key, ctrlKey, metaKey, altKey } = event;
      const action = keyAction({ key, ctrlKey, metaKey, altKey, isTyped }, hasSingleKeys());
      if (action === undefined) return;
      const isDone = action === 'palette' || action === 'help' ? (opening.current(action), true) : moved(action);
      if (isDone) event.preventDefault();
    };
    document.addEventListener('keydown', follow);
    return () => document.removeEventListener('keydown', follow);
  }, []);
}

/** The elements that receive typed text. */
const TYPED = 'input, select, textarea, dialog';

/** Moves the focus to the search field, or to the link of another row. Returns false if there is no such element. */
function moved(action: 'search' | 'next-row' | 'previous-row'): boolean {
  const target = action === 'search' ? searchField() : linkOfRow(action === 'next-row' ? 1 : -1);
  if (target === null || target === undefined) return false;
  target.focus();
  if (target instanceof HTMLInputElement) target.select();
  else target.closest('tr')?.scrollIntoView({ block: 'nearest' });
  return true;
}

function searchField(): HTMLElement | null {
  return document.querySelector<HTMLElement>('main input[type="search"]');
}

/**
 * Returns the first link of the row after or before the focused row. If no row has the focus, returns the first link of
 * the first row in the window.
 */
function linkOfRow(step: 1 | -1): HTMLElement | null | undefined {
  const rows = [...document.querySelectorAll<HTMLElement>('main tbody tr')].filter((row) => linkIn(row) !== null);
  const current = rows.findIndex((row) => row.contains(document.activeElement));
  if (current >= 0) return rows[current + step] && linkIn(rows[current + step]);
  const first = rows.find((row) => row.getBoundingClientRect().top >= 0);
  return first && linkIn(first);
}

function linkIn(row: HTMLElement | undefined): HTMLElement | null {
  return row?.querySelector<HTMLElement>('th a, td a, th button, td button') ?? null;
}
