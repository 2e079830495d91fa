/**
 * Orders texts by their code units, for sorting: alike on every machine, whatever its language. Of ASCII, as in identifiers, that is
 * also byte by byte, as databases compare.
 */
export function textOrder(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
