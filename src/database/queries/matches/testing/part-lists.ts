/** Lists items as the database does. */
export function listOf(items: readonly unknown[]): string {
  return items.map((item) => JSON.stringify(item)).join(',\n');
}
