/** Returns a number with its noun, such as `1 package` or `1,439 findings`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${numberWords(count)} ${count === 1 ? noun : plural}`;
}

/** Returns a number with commas between groups of three digits. */
export function numberWords(count: number): string {
  // The first call of `toLocaleString` takes about 5 ms, because it loads the data of the locale.
  return String(count).replace(/\B(?<!\.\d*)(?=(?:\d{3})+(?!\d))/g, ',');
}
