import { type ProgramModule, symbolSet, writeFunctions } from '../../../../../model/programs/compact-functions.ts';
import { includesSorted, nameHash, sortedOnce } from '../../../../../model/programs/name-hash.ts';
import { isOfStandardLibrary, moduleOf } from '../../../../../model/programs/program-functions.ts';
import type { ProgramFacts } from '../../../detector.ts';
import type { Executable } from '../../executables/executable.ts';
import type { BuildLines, GoModule } from '../parse-build-information.ts';
import { type FunctionCensus, takeFunctions } from './function-census.ts';
import { findNameBlocks } from './name-block.ts';
import { targetOfHeader } from './program-target.ts';

/** A program for one processor, with its build information. */
export type ProgramPart = { readonly executable: Executable; readonly lines: BuildLines };

/**
 * Reads the functions of the programs in a file, which may have one program for each processor. A file contains a
 * function if one of its programs contains the function. The functions of a file are unknown if the functions of one of
 * its programs are unknown. Returns undefined if there are no programs.
 */
export function readProgram(path: string, parts: readonly ProgramPart[]): ProgramFacts | undefined {
  if (parts.length === 0) return undefined;
  const targets = parts.map(({ executable, lines }) => {
    const header = targetOfHeader(executable);
    return { os: valid(lines.os) ?? header.os, arch: valid(lines.arch) ?? header.arch };
  });
  const place = { path, os: targets[0]?.os ?? '', arch: [...new Set(targets.map(({ arch }) => arch))].join(',') };
  const found: FunctionCensus[] = [];
  for (const part of parts) {
    const census = readPart(part);
    if ('unknown' in census) return { ...place, unknown: census.unknown };
    found.push(census);
  }
  const functions = writeFunctions({
    modules: [...new Map(parts.flatMap(modulesOf).map((each) => [`${each.path} ${each.replacement}`, each])).values()],
    packages: sortedTexts(found.map(({ packages }) => packages)),
    closureNames: sortedTexts(found.map(({ closureNames }) => closureNames)),
    symbols: symbolSet(united(found.map(({ hashes }) => hashes))),
  });
  return {
    ...place,
    functions: Buffer.from(functions.buffer, functions.byteOffset, functions.length).toString('base64'),
  };
}

/** GOOS and GOARCH of the build settings appear in reports, so only short, plain names are accepted. */
function valid(name: string): string | undefined {
  return /^[a-z0-9]{1,32}$/.test(name) ? name : undefined;
}

function readPart(part: ProgramPart): FunctionCensus | { readonly unknown: string } {
  const names = findNameBlocks(part.executable);
  if ('unknown' in names) return names;
  const census = takeFunctions(names.blocks, latin1(part.lines.path));
  if ('unknown' in census) return census;
  // Every program has this function, unless the standard library is a separate shared library.
  if (!includesSorted(census.hashes, nameHash('runtime', 'main'))) {
    return { unknown: 'the function table lacks the Go runtime' };
  }
  return areNamesObfuscated(part, census) ? { unknown: 'the function names are obfuscated' } : census;
}

/**
 * Returns whether the packages were renamed: no module has a function, but some packages whose paths do not start with
 * a domain are not in the standard library. garble renames packages, and can keep the build information. Modules that
 * contain only types and constants have no functions either, so the first condition alone is not sufficient.
 */
function areNamesObfuscated(part: ProgramPart, { packages }: FunctionCensus): boolean {
  const modules = new Map(modulesOf(part).map((each) => [each.path, each]));
  const mainPath = latin1(part.lines.path);
  let hasForeign = false;
  for (const path of packages) {
    if (path === mainPath || path === 'main') continue;
    if (moduleOf(modules, path) !== undefined) return false;
    hasForeign ||= isOfStandardLibrary(path) && !STANDARD_FOLDERS.has(path.split('/', 1)[0] ?? '');
  }
  return modules.size > 0 && hasForeign;
}

/** The top directories of the standard library up to Go 1.27, and of the toolchain. */
const STANDARD_FOLDERS: ReadonlySet<string> = new Set(
  (
    'arena archive bufio builtin bytes cmd cmp compress container context crypto database debug embed encoding errors ' +
    'expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp ' +
    'runtime simd slices sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak'
  ).split(' '),
);

function modulesOf({ lines: { main, dependencies } }: ProgramPart): readonly ProgramModule[] {
  return [...(main === undefined ? [] : [main]), ...dependencies].map(({ path, replacement }) => {
    const name = replacement === undefined ? '' : latin1(replacement.path);
    return { path: latin1(path), ...(isModulePath(name) && { replacement: name }) };
  });
}

/** Returns false for a local directory: a module that a directory replaces keeps its own path. */
function isModulePath(name: GoModule['path']): boolean {
  return /^[A-Za-z0-9][^:\\]*$/.test(name);
}

function sortedTexts(sets: readonly ReadonlySet<string>[]): readonly string[] {
  const texts = [...new Set(sets.flatMap((each) => [...each]))];
  // `toSorted()` compares strings by their character codes.
  return texts.toSorted();
}

function united(parts: readonly Float64Array[]): Float64Array {
  const [first, ...others] = parts;
  if (first !== undefined && others.length === 0) return first;
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return sortedOnce(all);
}

/** Function names are UTF-8 read as Latin-1. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
