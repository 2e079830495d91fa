/** The separator between the path and the symbol; no name contains a NUL. */
const SEPARATOR = 0;

/** Each character is XORed into both halves of a hash, which are then multiplied by these factors. */
export const HIGH_FACTOR = 0x9e3779b1;
export const LOW_FACTOR = 0x5f356495;

/**
 * Returns a 53-bit hash of an import path and a symbol. The path and the symbol are UTF-8 bytes that are read as
 * Latin-1. The function must never change, because stored programs contain its hashes.
 *
 * Source: cyrb53 by bryc, with the finalizer of MurmurHash3.
 */
export function nameHash(path: string, symbol: string): number {
  return symbolHash(pathHash(path), symbol);
}

/** The hash of an import path, from which the hash of each symbol in the package is computed. */
export type PathHash = { readonly high: number; readonly low: number };

/** Returns the hash of an import path, the first step of {@link nameHash}. */
export function pathHash(path: string): PathHash {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < path.length; at += 1) {
    const code = path.charCodeAt(at);
    high = Math.imul(high ^ code, HIGH_FACTOR);
    low = Math.imul(low ^ code, LOW_FACTOR);
  }
  return { high: Math.imul(high ^ SEPARATOR, HIGH_FACTOR), low: Math.imul(low ^ SEPARATOR, LOW_FACTOR) };
}

/** Returns the {@link nameHash} of a symbol in a package. */
export function symbolHash(path: PathHash, symbol: string): number {
  let { high, low } = path;
  for (let at = 0; at < symbol.length; at += 1) {
    const code = symbol.charCodeAt(at);
    high = Math.imul(high ^ code, HIGH_FACTOR);
    low = Math.imul(low ^ code, LOW_FACTOR);
  }
  return mixedHash(high, low);
}

/** Returns the {@link nameHash} from the two halves after all characters were mixed in. */
export function mixedHash(high: number, low: number): number {
  const first = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  const second = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return 2 ** 32 * (second & 0x1fffff) + (first >>> 0);
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

/** Sorts non-negative numbers in place, and returns the distinct numbers without a copy. */
export function sortedOnce(numbers: Float64Array): Float64Array {
  // The bits of these numbers have the same order as the numbers, and are sorted in half the time.
  new BigUint64Array(numbers.buffer, numbers.byteOffset, numbers.length).sort();
  let count = 0;
  for (let at = 0; at < numbers.length; at += 1) {
    const value = numbers[at] ?? 0;
    if (count > 0 && numbers[count - 1] === value) continue;
    numbers[count] = value;
    count += 1;
  }
  return numbers.subarray(0, count);
}
