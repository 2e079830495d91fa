import { sortedOnce } from './name-hash.ts';
import { ByteReader, ByteWriter } from './byte-fields.ts';

/** The stored form of the functions of a program. Texts are UTF-8 bytes that are read as Latin-1. */
export type CompactFunctions = {
  readonly modules: readonly ProgramModule[];
  /** The sorted, distinct import paths of all packages with a function. */
  readonly packages: readonly string[];
  /**
   * The sorted, distinct names, without the package, of functions that remain only in the name of a closure. Since Go
   * 1.21, the name of a closure includes the names of the functions that were inlined around the closure.
   */
  readonly closureNames: readonly string[];
  readonly symbols: SymbolSet;
};

/** A module of the build information. */
export type ProgramModule = {
  /** The path by which the program imports the packages. */
  readonly path: string;
  /** The module that was built instead; advisories name the replacement. */
  readonly replacement?: string;
};

/**
 * The hashes of names, below `count * 2 ** 20`. The probability that the set seems to contain another name is 1 in 2 **
 * 20.
 */
export type SymbolSet = {
  readonly count: number;
  /** The sorted, distinct hashes. */
  readonly hashes: Float64Array;
};

/** The number of bits that determine the probability of a false match (1 in 1,048,576). */
const BITS = 20;
const SCALE: number = 2 ** BITS;

const VERSION = 1;

/** Returns the reduced form of a {@link nameHash} in a set of `count` names. */
export function reducedHash(hash: number, count: number): number {
  const modulus = count * SCALE;
  // The operator `%` is slow for numbers of more than 31 bits. A rounded quotient is too high by at most 1.
  const rest = hash - Math.floor(hash / modulus) * modulus;
  return rest < 0 ? rest + modulus : rest;
}

/** Creates a set from the hashes of names. */
export function symbolSet(hashes: Float64Array): SymbolSet {
  const count = hashes.length;
  const reduced = new Float64Array(count);
  for (let at = 0; at < count; at += 1) reduced[at] = reducedHash(hashes[at] ?? 0, count);
  return { count, hashes: sortedOnce(reduced) };
}

/**
 * Writes functions as counts in varints, sorted texts without their common prefixes, and differences of hashes in Rice
 * code.
 */
export function writeFunctions({ modules, packages, closureNames, symbols }: CompactFunctions): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(VERSION);
  writer.varint(modules.length);
  for (const { path, replacement = '' } of modules) {
    writer.text(path);
    writer.text(replacement);
  }
  writer.sortedTexts(packages);
  writer.sortedTexts(closureNames);
  writer.varint(symbols.count);
  writer.varint(symbols.hashes.length);
  writer.rising(symbols.hashes, BITS);
  return writer.end();
}

/** Reads the output of {@link writeFunctions}. Throws an Error for other bytes. */
export function readFunctions(bytes: Uint8Array): CompactFunctions {
  const reader = new ByteReader(bytes);
  if (reader.byte() !== VERSION) throw new Error('the function list of a program has an unknown format');
  const modules = Array.from({ length: reader.count() }, (): ProgramModule => {
    const path = reader.text();
    const replacement = reader.text();
    return { path, ...(replacement !== '' && { replacement }) };
  });
  const packages = reader.sortedTexts();
  const closureNames = reader.sortedTexts();
  const count = reader.varint();
  const hashes = new Float64Array(reader.count());
  let before = 0;
  for (let at = 0; at < hashes.length; at += 1) {
    before += reader.rice(BITS);
    hashes[at] = before;
  }
  return { modules, packages, closureNames, symbols: { count, hashes } };
}
