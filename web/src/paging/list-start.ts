/** Scrolls to the start of the list above a pager. */
export function showStart(pager: HTMLElement): void {
  pager.previousElementSibling?.scrollIntoView({ block: 'start' });
}
