/**
 * Compares texts by code units, independent of the locale. For ASCII, as in identifiers, this equals the byte order of databases.
 */
export function textOrder(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
