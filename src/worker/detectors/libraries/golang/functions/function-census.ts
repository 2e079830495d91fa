import type { ChunkedBytes } from '../../../../../bytes/chunks/chunked-bytes.ts';
import {
  includesSorted,
  pathHash,
  type PathHash,
  sortedOnce,
  symbolHash,
} from '../../../../../model/programs/name-hash.ts';
import { functionName, plainSymbol } from './function-name.ts';
import { scanSymbol, skipName, type SymbolScan } from './symbol-scan.ts';

const MAX_NAMES = 8_000_000;
const MAX_NAME_BYTES = 64 * 1024;
const LONG_NAME = `a function name exceeds ${MAX_NAME_BYTES} bytes`;

/** Kubernetes has about 2,000 packages. */
const MAX_PACKAGES = 100_000;
const MAX_PATH_BYTES = 4096;

/** The maximum number of functions that contain closures; the largest programs have about 50,000. */
const MAX_ENCLOSING = 1_000_000;
const MAX_ENCLOSING_BYTES = 32 * 1024 * 1024;

/**
 * The size of the pieces that `piecesOf()` yields. A name may span two chunks, and a single piece for the whole block
 * would double the memory for the block.
 */
const PIECE_BYTES = 1024 * 1024;

/** The packages and symbols of one or more programs. Texts are UTF-8 read as Latin-1. */
export type FunctionCensus = {
  /** Import paths. */
  readonly packages: ReadonlySet<string>;
  /** The names of inlined functions that remain in the program only as a closure. */
  readonly closureNames: ReadonlySet<string>;
  /** The `nameHash()` of each function, sorted and without duplicates. */
  readonly hashes: Float64Array;
};

/**
 * Collects the packages and symbols in blocks of NUL-terminated function names; returns the exceeded limit as `unknown`
 * if the names exceed a limit.
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

/** Yields pieces that contain whole names; undefined for a name that is longer than a piece. */
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

/** The shortest name: a package of one letter, a dot, a function of one letter, and a NUL. */
const MIN_NAME_BYTES = 4;

class Census {
  readonly #mainPath: string;
  readonly #packages = new Map<string, Package>();
  readonly #scan: SymbolScan = { kind: 'other', end: 0, hash: 0, enclosingEnd: 0 };
  #enclosing = 0;
  #enclosingBytes = 0;
  #hashes = new Float64Array(0);
  #count = 0;
  #names = 0;
  /** The package of the most recently added name, and the prefix of all names in the package. */
  #package: Package | undefined;
  #prefix: Buffer = Buffer.alloc(0);

  constructor(mainPath: string) {
    this.#mainPath = mainPath;
  }

  /** Adds names; returns the exceeded limit, if any. */
  add(names: Buffer): string | undefined {
    this.#reserve(names.length);
    for (let start = 0; start < names.length; start = this.#scan.end + 1) {
      const reason = this.#addAt(names, start);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #addAt(names: Buffer, start: number): string | undefined {
    const scan = this.#scan;
    const symbol = this.#afterPrefix(names, start);
    if (symbol === -1 || this.#package === undefined) skipName(names, start, scan);
    else scanSymbol(names, symbol, this.#package.hash, scan);
    const { kind, end } = scan;
    if (end === start) return undefined;
    this.#names += 1;
    if (this.#names > MAX_NAMES) return `the program has more than ${MAX_NAMES} functions`;
    if (end - start > MAX_NAME_BYTES) return LONG_NAME;
    if (kind === 'other') return this.#addName(names.toString('latin1', start, end));
    if (kind === 'plain') this.#push(scan.hash);
    // Most closures follow the function that encloses them, so this comparison avoids most look-ups by name.
    else if (scan.hash !== this.#hashes[this.#count - 1]) {
      return this.#addEnclosing(names.toString('latin1', symbol, scan.enclosingEnd), scan.hash);
    }
    return undefined;
  }

  /** Returns the position at which a name continues after the prefix of its package; -1 for another package. */
  #afterPrefix(names: Buffer, start: number): number {
    const prefix = this.#prefix;
    for (let at = 0; at < prefix.length; at += 1) if (names[start + at] !== prefix[at]) return -1;
    return prefix.length === 0 ? -1 : start + prefix.length;
  }

  #addName(name: string): string | undefined {
    const found = functionName(name);
    // A name such as `x/vendor/.f` has no import path.
    if (found === undefined || found.path === '') return undefined;
    const path = found.path === 'main' ? this.#mainPath : found.path;
    this.#prefix = Buffer.from(found.prefix, 'latin1');
    const known = this.#packages.get(path);
    const { hash } = (this.#package = known ?? { path, hash: pathHash(path), enclosing: new Map() });
    if (known === undefined) this.#packages.set(path, this.#package);
    if (path.length > MAX_PATH_BYTES) return `an import path exceeds ${MAX_PATH_BYTES} bytes`;
    if (this.#packages.size > MAX_PACKAGES) return `the program has more than ${MAX_PACKAGES} packages`;
    if (found.isClosure) return this.#addEnclosing(found.symbol, symbolHash(hash, plainSymbol(found.symbol)));
    this.#push(symbolHash(hash, found.symbol));
    return undefined;
  }

  end(): FunctionCensus {
    const hashes = sortedOnce(this.#hashes.subarray(0, this.#count));
    return { packages: new Set(this.#packages.keys()), closureNames: this.#closureNames(hashes), hashes };
  }

  /** Reserves space for the hashes of all names that a number of bytes may contain. */
  #reserve(bytes: number): void {
    const needed = this.#count + Math.ceil(bytes / MIN_NAME_BYTES);
    if (needed <= this.#hashes.length) return;
    const larger = new Float64Array(2 * needed);
    larger.set(this.#hashes.subarray(0, this.#count));
    this.#hashes = larger;
  }

  #push(hash: number): void {
    this.#hashes[this.#count] = hash;
    this.#count += 1;
  }

  #addEnclosing(symbol: string, hash: number): string | undefined {
    const within = this.#package;
    if (within === undefined || within.enclosing.has(symbol)) return undefined;
    within.enclosing.set(symbol, hash);
    this.#enclosing += 1;
    this.#enclosingBytes += within.path.length + symbol.length;
    if (this.#enclosing > MAX_ENCLOSING) return `more than ${MAX_ENCLOSING} functions contain closures`;
    return this.#enclosingBytes > MAX_ENCLOSING_BYTES
      ? `the names of the functions that contain closures exceed ${MAX_ENCLOSING_BYTES} bytes`
      : undefined;
  }

  /**
   * If a function that only returns a closure is inlined, only the closure remains. From Go 1.21 on, the name of the
   * closure consists of the outer function, then the inlined functions: `main.run.InsecureIgnoreHostKey.func2`.
   */
  #closureNames(hashes: Float64Array): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { hash: ofPath, enclosing } of this.#packages.values()) {
      const isPresent = (outer: string): boolean => includesSorted(hashes, symbolHash(ofPath, outer));
      for (const [symbol, hash] of enclosing) {
        if (includesSorted(hashes, hash)) continue;
        for (const name of inlinedNames(symbol, isPresent)) names.add(name);
      }
    }
    return names;
  }
}

type Package = {
  readonly path: string;
  readonly hash: PathHash;
  /**
   * Maps functions that enclose closures to the hash of their plain symbol. A function may be absent if its closures
   * follow the function directly.
   */
  readonly enclosing: Map<string, number>;
};

const CLOSURE_PART = /^(?:func|gowrap|deferwrap)?\d+$/;
/** Matches a method with its pointer receiver (`(*T).M`), or one word between dots. */
const PART = /\(\*[^()]*\)\.[^.]*|[^.]+/g;
/** The outer functions of closures in package variables; a program lacks `init` if its variables need no code. */
const OUTERMOST: ReadonlySet<string | undefined> = new Set(['init', 'glob']);

/**
 * Returns the names after the outer function: each word, and each pair of adjacent words, because two words may be a
 * type and a method.
 */
function inlinedNames(symbol: string, isPresent: (outer: string) => boolean): readonly string[] {
  // A name of a single word contains no inlined functions.
  if (!symbol.includes('.', symbol.startsWith('(*') ? symbol.indexOf(').') + 2 : 0)) return [];
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

/** The limit suffices for a type, a method and nested functions; a name may have 32,768 words. */
const MAX_OUTER_PARTS = 8;
