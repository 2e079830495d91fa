/** Brings the beginning of a list back into view, from below which its pages were turned. */
export function showStart(pager: HTMLElement): void {
  pager.previousElementSibling?.scrollIntoView({ block: 'start' });
}
