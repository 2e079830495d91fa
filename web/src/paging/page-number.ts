/** Reads the number of a page of a list from an address, from 1 to 999; returns 1 for other texts. */
export function pageNumber(text: string | null): number {
  return text !== null && /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 1;
}
