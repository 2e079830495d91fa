/**
 * The text before the number at the end of the names of closures, of `go` and `defer` statements (in Go 1.17
 * `·dwrap·1`) and of range loop bodies.
 */
const CLOSURES: readonly Buffer[] = [
  '.func',
  '.',
  '.gowrap',
  '.deferwrap',
  '-range',
  '\u{c2}\u{b7}dwrap\u{c2}\u{b7}',
].map((text) => Buffer.from(text, 'latin1'));
const METHOD_VALUE: Buffer = Buffer.from('-fm', 'latin1');

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const LETTER_M = 0x6d;

/** Returns whether a name that ends at `end` may be the name of a closure; such names end with a digit or `-fm`. */
export function mayBeClosure(name: Uint8Array, end: number): boolean {
  const last = name[end - 1];
  return isDigit(last) || (last === LETTER_M && endsWith(name, 0, end, METHOD_VALUE));
}

/**
 * Returns where the suffixes of closures start in the symbol from `start` to `end`; `end` for a symbol without
 * suffixes.
 *
 * Source: `cmd/compile/internal/ir/func.go` of Go.
 */
export function closureStart(name: Uint8Array, start: number, end: number): number {
  let found = end;
  for (;;) {
    const before = startOfSuffix(name, start, found);
    if (before === found) return found;
    found = before;
  }
}

function startOfSuffix(name: Uint8Array, start: number, end: number): number {
  if (endsWith(name, start, end, METHOD_VALUE)) return end - METHOD_VALUE.length;
  let digits = end;
  while (digits > start && isDigit(name[digits - 1])) digits -= 1;
  if (digits === end) return end;
  for (const each of CLOSURES) if (endsWith(name, start, digits, each)) return digits - each.length;
  return end;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9;
}

function endsWith(name: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  const at = end - text.length;
  if (at < start) return false;
  for (let index = 0; index < text.length; index += 1) if (name[at + index] !== text[index]) return false;
  return true;
}
