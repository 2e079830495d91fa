/**
 * Reads the number of a page of a list from an address: 1 to 9 digits without a leading zero; returns 1 for other
 * texts.
 */
export function pageNumber(text: string | null): number {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1;
}
