import { HIGH_FACTOR, LOW_FACTOR, mixedHash, type PathHash } from '../../../../../model/programs/name-hash.ts';
import { closureStart, mayBeClosure } from './closure-suffix.ts';

/** The result of {@link scanSymbol}. One object is reused for all of a program's hundreds of thousands of names. */
export type SymbolScan = {
  /** A name of the kind `other` can only be read as a whole, by `functionName()`. */
  kind: 'plain' | 'closure' | 'other';
  /** The position of the NUL after the name, or the end of the bytes. */
  end: number;
  /** The `nameHash()` of the symbol; for a closure, of the function that encloses the closure. */
  hash: number;
  /** For a closure, the end of the name of the function that encloses the closure. */
  enclosingEnd: number;
};

const OPENING = 0x28;
const CLOSING = 0x29;
const STAR = 0x2a;
const SLASH = 0x2f;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const OPENING_SQUARE = 0x5b;
const CLOSING_SQUARE = 0x5d;
const LETTER_M = 0x6d;

const INITIALISER: Buffer = Buffer.from('init.', 'latin1');

/**
 * Reads the symbol of a function or method in NUL-terminated names, and hashes the symbol in the same pass. Leaves out
 * type arguments, and the star and brackets of `(*T).M`, as `functionName()` does.
 *
 * @param start the position of the symbol, after the `prefix` of its package
 */
export function scanSymbol(names: Uint8Array, start: number, path: PathHash, scan: SymbolScan): void {
  let { high, low } = path;
  const isMethod = names[start] === OPENING && names[start + 1] === STAR;
  let receiverEnd = -1;
  let argumentsStart = -1;
  let argumentsEnd = -1;
  let at = isMethod ? start + 2 : start;
  for (; at < names.length; at += 1) {
    const byte = names[at] ?? 0;
    if (byte < DIGIT_0) {
      if (byte === 0) break;
      if (byte === OPENING || byte === SLASH) return skipName(names, at, scan);
      if (byte === CLOSING && isMethod && receiverEnd === -1) {
        receiverEnd = at;
        continue;
      }
    } else if (byte === OPENING_SQUARE) {
      argumentsStart = at;
      argumentsEnd = pairedBracket(names, at);
      if (argumentsEnd === -1) return skipName(names, at, scan);
      at = argumentsEnd;
      continue;
    }
    high = Math.imul(high ^ byte, HIGH_FACTOR);
    low = Math.imul(low ^ byte, LOW_FACTOR);
  }
  scan.end = at;
  scan.hash = mixedHash(high, low);
  const isEmpty = at === start || argumentsStart === start;
  if (isEmpty || (isMethod && receiverEnd === -1)) scan.kind = 'other';
  else if (argumentsStart !== -1) {
    const last = names[(argumentsEnd === at - 1 ? argumentsStart : at) - 1] ?? 0;
    scan.kind = mayEndWithSuffix(last) ? 'other' : 'plain';
  } else if (mayBeClosure(names, at)) readNumbered(names, start, path, receiverEnd, scan);
  else scan.kind = 'plain';
}

/** Skips a name. @param at a position in the name, or its end */
export function skipName(names: Uint8Array, at: number, scan: SymbolScan): void {
  const end = names.indexOf(0, at);
  scan.kind = 'other';
  scan.end = end === -1 ? names.length : end;
}

/** Reads a symbol that ends with a number or `-fm`: `Sum256`, or the name of a closure. */
function readNumbered(names: Uint8Array, start: number, path: PathHash, receiverEnd: number, scan: SymbolScan): void {
  const enclosingEnd = closureStart(names, start, scan.end);
  scan.enclosingEnd = enclosingEnd;
  if (isInitialiser(names, start) || receiverEnd >= enclosingEnd) scan.kind = 'other';
  else if (enclosingEnd === scan.end) scan.kind = 'plain';
  else {
    scan.kind = 'closure';
    scan.hash = hashWithout(names, receiverEnd === -1 ? start : start + 2, enclosingEnd, path, receiverEnd);
  }
}

function hashWithout(names: Uint8Array, start: number, end: number, path: PathHash, skipped: number): number {
  let { high, low } = path;
  for (let at = start; at < end; at += 1) {
    if (at === skipped) continue;
    const byte = names[at] ?? 0;
    high = Math.imul(high ^ byte, HIGH_FACTOR);
    low = Math.imul(low ^ byte, LOW_FACTOR);
  }
  return mixedHash(high, low);
}

function isInitialiser(names: Uint8Array, start: number): boolean {
  for (let index = 0; index < INITIALISER.length; index += 1) {
    if (names[start + index] !== INITIALISER[index]) return false;
  }
  return true;
}

/**
 * Returns whether a name with this last byte may end with the suffix of a closure or with type arguments; type
 * arguments can be in the middle of such a suffix, or follow other type arguments.
 */
function mayEndWithSuffix(last: number): boolean {
  return (last >= DIGIT_0 && last <= DIGIT_9) || last === LETTER_M || last === CLOSING_SQUARE;
}

/** Returns the position of the bracket that closes the bracket at `start`; -1 if the name has no such bracket. */
function pairedBracket(names: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < names.length; at += 1) {
    const byte = names[at] ?? 0;
    if (byte === 0) return -1;
    if (byte === OPENING_SQUARE) depth += 1;
    else if (byte === CLOSING_SQUARE && --depth === 0) return at;
  }
  return -1;
}
