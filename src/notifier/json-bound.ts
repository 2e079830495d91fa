/** The first items of a list that fit into a size limit, and whether the list was cut. */
export type Fitting<T> = { readonly items: readonly T[]; readonly isCut: boolean };

/** Returns the first items that fit into `maxBytes` of JSON in UTF-8, including a separator byte for each item. */
export function fittingItems<T>(items: readonly T[], maxBytes: number): Fitting<T> {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += jsonBytes(item) + 1;
    return bytes > maxBytes;
  });
  return end === -1 ? { items, isCut: false } : { items: items.slice(0, end), isCut: true };
}

/** Returns a prefix of a text that fits into `maxBytes` of JSON. */
export function fittingText(text: string, maxBytes: number): string {
  let fitting = text;
  for (let bytes = jsonBytes(fitting); bytes > maxBytes; bytes = jsonBytes(fitting)) {
    fitting = fitting.slice(0, Math.floor((fitting.length * maxBytes) / bytes));
  }
  return fitting;
}

/** Returns the size of a value as JSON in bytes of UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
