/**
 * Compares texts by code units, independent of the locale. For ASCII texts such as identifiers, this order equals the
 * byte order of databases.
 */
export function textOrder(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
