/** The maximum number of a page, because an address with this number requests all pages before it in sequence. */
export const MAX_PAGE_NUMBER = 99;

/** Reads the number of a page of a list from an address, from 1 to {@link MAX_PAGE_NUMBER}; returns 1 for other texts. */
export function pageNumber(text: string | null): number {
  const number = text !== null && /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 1;
  return number <= MAX_PAGE_NUMBER ? number : 1;
}
