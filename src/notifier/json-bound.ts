/** The first of some items, which as JSON have together at most so many bytes; and whether there were more. */
export type Fitting<T> = { readonly items: readonly T[]; readonly isCut: boolean };

/** Gives the items that fit, as UTF-8, with a byte between each two. */
export function fittingItems<T>(items: readonly T[], maxBytes: number): Fitting<T> {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += jsonBytes(item) + 1;
    return bytes > maxBytes;
  });
  return end === -1 ? { items, isCut: false } : { items: items.slice(0, end), isCut: true };
}

/** Gives as much of the beginning of a text as has at most so many bytes as JSON. */
export function fittingText(text: string, maxBytes: number): string {
  let fitting = text;
  for (let bytes = jsonBytes(fitting); bytes > maxBytes; bytes = jsonBytes(fitting)) {
    fitting = fitting.slice(0, Math.floor((fitting.length * maxBytes) / bytes));
  }
  return fitting;
}

/** How many bytes of UTF-8 a value has as JSON. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
