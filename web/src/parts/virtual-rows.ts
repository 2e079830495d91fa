import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  type Range,
  type VirtualItem,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import { MAX_NEW_ROWS, pacedRows } from './paced-rows.ts';

/** A row of a list, or the space of rows that are not in the document. Heights are in pixels. */
export type VirtualPart = { readonly index: number } | { readonly gap: number; readonly before: number };

export type VirtualRows = {
  /** The rows in the document and the gaps between these rows, from top to bottom. */
  readonly parts: readonly VirtualPart[];
  /** The index of the last row in the window. */
  readonly last: number;
  /** Measures a row, which must have the attribute `data-index`. */
  readonly measure: (row: HTMLTableRowElement | null) => void;
};

/** The maximum length of a list that is completely in the document, so that Ctrl+F and printing include all rows. */
export const MAX_WHOLE = 60;

/** The number of rows in the document above the window, and below it. */
const OVERSCAN = 4;

/** The width of the window below which each row is a card, as in `styles/tables.css`, in pixels. */
const PHONE_WIDTH = 640;

/** The heights of rows that were not measured yet, in pixels. */
const ROW_HEIGHT = 50;
const CARD_HEIGHT = 150;

/**
 * Returns the rows of a list that are in or near the window, and the row with the focus. For a short list, returns all
 * rows.
 *
 * @param body the table body, which the window scrolls
 */
export function useVirtualRows(body: RefObject<HTMLTableSectionElement | null>, count: number): VirtualRows {
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const margin = useMargin(body);
  // The width is read once, because reading it for each of thousands of rows takes time.
  const [estimateSize] = useState(() => {
    const height = window.innerWidth < PHONE_WIDTH ? CARD_HEIGHT : ROW_HEIGHT;
    return () => height;
  });
  const options: VirtualizerOptions<Window, HTMLTableRowElement> = {
    count,
    scrollMargin: margin,
    overscan: OVERSCAN,
    estimateSize,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    initialOffset: () => window.scrollY,
    rangeExtractor: (range) => shownIndexes(range, focusedIndex(body.current)),
    onChange: () => redraw(0),
  };
  const [virtualizer] = useState(() => new Virtualizer(options));
  virtualizer.setOptions(options);
  // virtual-core has no adapter for Preact; the adapters for other frameworks call these two functions.
  const { _didMount: didMount, _willUpdate: willUpdate } = virtualizer;
  useLayoutEffect(() => didMount(), []);
  useLayoutEffect(() => willUpdate());
  useKeptRow(virtualizer, count);

  const items = usePacedItems(virtualizer, count, () => redraw(0));
  const parts: VirtualPart[] = [];
  let end = margin;
  for (const { index, start, end: next } of items) {
    if (start > end) parts.push({ gap: start - end, before: index });
    parts.push({ index });
    end = next;
  }
  const rest = virtualizer.getTotalSize() + margin - end;
  if (rest > 0) parts.push({ gap: rest, before: count });
  return { parts, last: Math.min(count - 1, virtualizer.range?.endIndex ?? 0), measure: virtualizer.measureElement };
}

/**
 * Returns the rows of this rendering. While the reader scrolls, each frame adds a few rows only, so that frames stay
 * short.
 */
function usePacedItems(
  virtualizer: Virtualizer<Window, HTMLTableRowElement>,
  count: number,
  redraw: () => void,
): readonly VirtualItem[] {
  const last = useRef<Drawn>({ rows: new Set(), frame: null });
  const items = virtualizer.getVirtualItems();
  const wanted = items.map(({ index }) => index);
  const { isScrolling, range } = virtualizer;
  // The time of the timeline is the same for all renderings of a frame, such as the rendering after rows are measured.
  const frame = document.timeline.currentTime;
  const limit = frame === last.current.frame ? 0 : MAX_NEW_ROWS;
  const isPaced = isScrolling && range !== null && count > MAX_WHOLE;
  const rows = isPaced ? pacedRows(wanted, last.current.rows, range, limit) : wanted;
  useLayoutEffect(() => {
    const isGrown = rows.some((index) => !last.current.rows.has(index));
    last.current = { rows: new Set(rows), frame: isGrown ? frame : last.current.frame };
    if (rows.length === wanted.length) return undefined;
    const request = window.requestAnimationFrame(redraw);
    return () => window.cancelAnimationFrame(request);
  });
  return rows.length === wanted.length ? items : items.filter(({ index }) => rows.includes(index));
}

/** The rows of the last rendering, and the time of the last frame that added rows. */
type Drawn = { readonly rows: ReadonlySet<number>; readonly frame: CSSNumberish | null };

/** Returns the distance of the table body from the top of the document, which changes with the content above it. */
function useMargin(body: RefObject<HTMLTableSectionElement | null>): number {
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void =>
      setMargin(Math.round((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    measure();
    return () => observer.disconnect();
  }, []);
  return margin;
}

/** Stores the first row in the window in the history entry, and scrolls to this row when the reader goes back. */
function useKeptRow(virtualizer: Virtualizer<Window, HTMLTableRowElement>, count: number): void {
  const wanted = useRef(keptRow());
  useEffect(() => {
    if (wanted.current === 0 || count <= wanted.current) return;
    virtualizer.scrollToIndex(wanted.current, { align: 'start' });
    wanted.current = 0;
  }, [count]);
  const isStill = !virtualizer.isScrolling;
  const first = virtualizer.range?.startIndex ?? 0;
  useEffect(() => {
    if (isStill && wanted.current === 0 && first !== keptRow()) window.history.replaceState({ row: first }, '');
  }, [isStill, first]);
}

function keptRow(): number {
  const state: unknown = window.history.state;
  if (typeof state !== 'object' || state === null || !('row' in state)) return 0;
  return typeof state.row === 'number' ? state.row : 0;
}

function shownIndexes(range: Range, focused: number | undefined): number[] {
  if (range.count <= MAX_WHOLE) return Array.from({ length: range.count }, (_, index) => index);
  const shown = defaultRangeExtractor(range);
  if (focused === undefined || focused >= range.count || shown.includes(focused)) return shown;
  // The row with the focus remains in the document, because it would otherwise lose the focus.
  return [...shown, focused].toSorted((one, other) => one - other);
}

function focusedIndex(body: HTMLTableSectionElement | null): number | undefined {
  const row = document.activeElement?.closest('tr');
  if (row === null || row === undefined || body?.contains(row) !== true) return undefined;
  const index = row.dataset['index'];
  return index === undefined ? undefined : Number(index);
}
