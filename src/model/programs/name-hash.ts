/** The separator of path and symbol; no name contains a NUL. */
const SEPARATOR = 0;

/**
 * Returns a hash of 53 bits of an import path and a symbol. Both are UTF-8 read as Latin-1. The function must never
 * change, because stored programs depend on it.
 *
 * Source: cyrb53 by bryc, with the finalizer of MurmurHash3.
 */
export function nameHash(path: string, symbol: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < path.length; at += 1) {
    const code = path.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  high = Math.imul(high ^ SEPARATOR, 0x9e3779b1);
  low = Math.imul(low ^ SEPARATOR, 0x5f356495);
  for (let at = 0; at < symbol.length; at += 1) {
    const code = symbol.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return 2 ** 32 * (low & 0x1fffff) + (high >>> 0);
}

/** Returns whether sorted numbers contain a number. */
export function includesSorted(sorted: Float64Array, wanted: number): boolean {
  let start = 0;
  let end = sorted.length;
  while (start < end) {
    const middle = (start + end) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) start = middle + 1;
    else end = middle;
  }
  return sorted[start] === wanted;
}

/** Sorts numbers in place; returns each number once, without a copy. */
export function sortedOnce(numbers: Float64Array): Float64Array {
  numbers.sort();
  let count = 0;
  for (let at = 0; at < numbers.length; at += 1) {
    const value = numbers[at] ?? 0;
    if (count > 0 && numbers[count - 1] === value) continue;
    numbers[count] = value;
    count += 1;
  }
  return numbers.subarray(0, count);
}
