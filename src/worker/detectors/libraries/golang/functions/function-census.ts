import type { ChunkedBytes } from '../../../../../bytes/chunks/chunked-bytes.ts';
import {
  includesSorted,
  nameHash,
  pathHash,
  sortedOnce,
  symbolBytesHash,
  symbolHash,
} from '../../../../../model/programs/name-hash.ts';
import { functionName, plainSymbol, plainSymbolAt } from './function-name.ts';

const MAX_NAMES = 8_000_000;
const MAX_NAME_BYTES = 64 * 1024;
const LONG_NAME = 'a function name is too long';

/** Kubernetes has about 2,000 packages. */
const MAX_PACKAGES = 100_000;
const MAX_PATH_CHARACTERS = 4096;

/** The maximum number of functions that enclose closures; the largest programs have about 50,000. */
const MAX_ENCLOSING = 1_000_000;
const MAX_ENCLOSING_CHARACTERS = 32 * 1024 * 1024;

/**
 * The size of a piece. A name may span two chunks, and a single piece for the whole block would double the memory for
 * the block.
 */
const PIECE_BYTES = 1024 * 1024;

/** The packages and symbols of one or more programs. Texts are UTF-8 read as Latin-1. */
export type FunctionCensus = {
  /** Import paths. */
  readonly packages: ReadonlySet<string>;
  /** The names of functions of which only a closure remains. */
  readonly closureNames: ReadonlySet<string>;
  /** The `nameHash()` of each function; sorted, each once. */
  readonly hashes: Float64Array;
};

/**
 * Collects the packages and symbols in blocks of NUL-terminated function names.
 *
 * @param mainPath the import path of the package `main`; empty if unknown
 */
export function takeFunctions(
  blocks: readonly ChunkedBytes[],
  mainPath: string,
): FunctionCensus | { readonly unknown: string } {
  const census = new Census(mainPath === '' ? 'main' : mainPath);
  for (const block of blocks) {
    for (const piece of piecesOf(block)) {
      if (piece === undefined) return { unknown: LONG_NAME };
      const reason = census.add(piece);
      if (reason !== undefined) return { unknown: reason };
    }
  }
  return census.end();
}

/** Yields pieces of whole names; undefined for a name beyond the limit. */
function* piecesOf(block: ChunkedBytes): Generator<Buffer | undefined> {
  for (let at = 0; at < block.length; ) {
    const bytes = block.range(at, at + PIECE_BYTES + 1);
    const length = bytes.length <= PIECE_BYTES ? bytes.length : bytes.lastIndexOf(0);
    if (length === -1) yield undefined;
    if (length === -1) return;
    yield bytes.subarray(0, length);
    at += length + 1;
  }
}

class Census {
  readonly #mainPath: string;
  readonly #packages = new Set<string>();
  /** `path NUL symbol` of functions that enclose closures. */
  readonly #enclosing = new Set<string>();
  #enclosingCharacters = 0;
  #hashes = new Float64Array(16 * 1024);
  #count = 0;
  #names = 0;
  /** The package of the last name: its import path, and the prefix of all names in the package. */
  #path = '';
  #pathHash = pathHash('');
  #prefix: Buffer = Buffer.alloc(0);

  constructor(mainPath: string) {
    this.#mainPath = mainPath;
  }

  /** Adds names; returns the exceeded limit, if any. */
  add(names: Buffer): string | undefined {
    for (let start = 0; start < names.length; ) {
      const nul = names.indexOf(0, start);
      const end = nul === -1 ? names.length : nul;
      const reason = end === start ? undefined : this.#addAt(names, start, end);
      if (reason !== undefined) return reason;
      start = end + 1;
    }
    return undefined;
  }

  #addAt(names: Buffer, start: number, end: number): string | undefined {
    this.#names += 1;
    if (this.#names > MAX_NAMES) return 'too many functions';
    if (end - start > MAX_NAME_BYTES) return LONG_NAME;
    const rest = this.#afterPrefix(names, start);
    const symbol = rest === undefined ? undefined : plainSymbolAt(names, rest, end);
    if (symbol === undefined) return this.#addName(names.toString('latin1', start, end));
    this.#push(symbolBytesHash(this.#pathHash, names, symbol.start, end, symbol.skipped));
    return undefined;
  }

  /** Returns the position at which a name continues after the prefix of its package; undefined for another package. */
  #afterPrefix(names: Buffer, start: number): number | undefined {
    const prefix = this.#prefix;
    for (let at = 0; at < prefix.length; at += 1) if (names[start + at] !== prefix[at]) return undefined;
    return prefix.length === 0 ? undefined : start + prefix.length;
  }

  #addName(name: string): string | undefined {
    const found = functionName(name);
    if (found === undefined) return undefined;
    const path = found.path === 'main' ? this.#mainPath : found.path;
    this.#prefix = Buffer.from(found.prefix, 'latin1');
    const reason = path === this.#path ? undefined : this.#addPackage(path);
    if (reason !== undefined) return reason;
    if (found.isClosure) return this.#addEnclosing(`${path}\0${found.symbol}`);
    this.#push(symbolHash(this.#pathHash, found.symbol));
    return undefined;
  }

  end(): FunctionCensus {
    const hashes = sortedOnce(this.#hashes.subarray(0, this.#count));
    return { packages: this.#packages, closureNames: this.#closureNames(hashes), hashes };
  }

  #addPackage(path: string): string | undefined {
    this.#path = path;
    this.#pathHash = pathHash(path);
    this.#packages.add(path);
    if (path.length > MAX_PATH_CHARACTERS) return 'an import path is too long';
    return this.#packages.size > MAX_PACKAGES ? 'too many packages' : undefined;
  }

  #push(hash: number): void {
    if (this.#count === this.#hashes.length) {
      const larger = new Float64Array(2 * this.#hashes.length);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#count] = hash;
    this.#count += 1;
  }

  #addEnclosing(name: string): string | undefined {
    if (this.#enclosing.has(name)) return undefined;
    this.#enclosing.add(name);
    this.#enclosingCharacters += name.length;
    const isTooLong = this.#enclosing.size > MAX_ENCLOSING || this.#enclosingCharacters > MAX_ENCLOSING_CHARACTERS;
    return isTooLong ? 'too many closures' : undefined;
  }

  /**
   * If a function that only returns a closure is inlined, only the closure remains. Since Go 1.21 the name of the
   * closure consists of the outer function, then the inlined functions: `main.run.InsecureIgnoreHostKey.func2`.
   */
  #closureNames(hashes: Float64Array): ReadonlySet<string> {
    const names = new Set<string>();
    for (const each of this.#enclosing) {
      const end = each.indexOf('\0');
      const path = each.slice(0, end);
      const symbol = each.slice(end + 1);
      const isPresent = (outer: string): boolean => includesSorted(hashes, nameHash(path, outer));
      if (isPresent(plainSymbol(symbol))) continue;
      for (const name of inlinedNames(symbol, isPresent)) names.add(name);
    }
    return names;
  }
}

const CLOSURE_PART = /^(?:func|gowrap|deferwrap)?\d+$/;
/** Matches a method of a pointer, or one word between dots. */
const PART = /\(\*[^()]*\)\.[^.]*|[^.]+/g;
/** The outer function of closures in variables; `init` may be left out when variables need no code. */
const OUTERMOST: ReadonlySet<string | undefined> = new Set(['init', 'glob']);

/**
 * Returns the names after the outer function; each word alone, and together with the next word, because two words may
 * be a type and a method.
 */
function inlinedNames(symbol: string, isPresent: (outer: string) => boolean): readonly string[] {
  const parts = (symbol.match(PART) ?? [])
    .map((part) => plainSymbol(part).replace(/(?:-range\d+|-fm)+$/, ''))
    .filter((part) => !CLOSURE_PART.test(part));
  let outerParts = Math.min(parts.length, MAX_OUTER_PARTS);
  while (outerParts > 0 && !isPresent(parts.slice(0, outerParts).join('.'))) outerParts -= 1;
  if (outerParts === 0 && OUTERMOST.has(parts[0])) outerParts = 1;
  if (outerParts === 0) return [];
  const inlined = parts.slice(outerParts);
  return inlined.flatMap((part, at) => {
    const next = inlined[at + 1];
    return next === undefined || part.includes('.') || next.includes('.') ? [part] : [part, `${part}.${next}`];
  });
}

/** Enough for a type and a method, and functions in them; a name may have 32,768 words. */
const MAX_OUTER_PARTS = 8;
