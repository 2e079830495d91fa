/** The maximum number of new rows in a frame. More new rows would make the frame too long. */
export const MAX_NEW_ROWS = 8;

/**
 * Returns the rows that are already in the document, and at most `limit` new rows, in order. Rows in the window come
 * before rows near the window.
 *
 * @param wanted the rows in and near the window, in order
 * @param present the rows in the document
 * @param range the first and the last row in the window
 */
export function pacedRows(
  wanted: readonly number[],
  present: ReadonlySet<number>,
  range: { readonly startIndex: number; readonly endIndex: number },
  limit: number,
): readonly number[] {
  const added = wanted.filter((index) => !present.has(index));
  if (added.length <= limit) return wanted;
  const isInside = (index: number): boolean => index >= range.startIndex && index <= range.endIndex;
  const first = new Set([...added.filter(isInside), ...added.filter((index) => !isInside(index))].slice(0, limit));
  return wanted.filter((index) => present.has(index) || first.has(index));
}
