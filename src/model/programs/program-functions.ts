import type { ProgramFunctions } from '../reachability.ts';
import { type CompactFunctions, type ProgramModule, readFunctions, reducedHash } from './compact-functions.ts';
import { includesSorted, nameHash } from './name-hash.ts';
import type { Program } from './program.ts';

/** Returns the queries for the packages and functions of a program; the first query decodes the program. */
export function programFunctions({ os, arch, unknown, functions }: Program): ProgramFunctions {
  if (unknown !== undefined || functions === undefined) {
    return { os, arch, unknown: unknown ?? 'no functions', hasPackage: never, hasSymbol: never, hasModule: never };
  }
  let read: Queries | undefined;
  const queries = (): Queries => (read ??= queriesOf(readFunctions(functions)));
  return {
    os,
    arch,
    hasPackage: (importPath) => queries().hasPackage(importPath),
    hasSymbol: (importPath, symbol) => queries().hasSymbol(importPath, symbol),
    hasModule: (modulePath) => queries().hasModule(modulePath),
  };
}

function never(): boolean {
  return false;
}

type Queries = Pick<ProgramFunctions, 'hasPackage' | 'hasSymbol' | 'hasModule'>;

function queriesOf({ modules, packages, closureNames, symbols }: CompactFunctions): Queries {
  const known = new Set(packages);
  const closures = new Set(closureNames);
  let present: ReadonlySet<string> | undefined;
  return {
    hasPackage: (importPath) => pathsOf(modules, importPath).some((path) => known.has(path)),
    hasSymbol(importPath, symbol) {
      const text = latin1(symbol);
      if (closures.has(text)) return true;
      return pathsOf(modules, importPath).some((path) =>
        includesSorted(symbols.hashes, reducedHash(nameHash(path, text), symbols.count)),
      );
    },
    hasModule(modulePath) {
      present ??= presentModules(modules, packages);
      return present.has(latin1(modulePath));
    },
  };
}

/**
 * Returns the import paths under which a program may contain a package. A program imports the packages of a replaced
 * module by the path of the original module, but advisories name the replacement.
 */
function pathsOf(modules: readonly ProgramModule[], importPath: string): readonly string[] {
  const wanted = latin1(importPath);
  const paths = [wanted];
  for (const { path, replacement } of modules) {
    if (replacement !== undefined && isIn(wanted, replacement)) paths.push(path + wanted.slice(replacement.length));
  }
  return paths;
}

/**
 * Returns the paths of the modules with a package in the program, and the paths of their replacements. The standard
 * library is `stdlib`, and the packages of the Go commands are `toolchain`.
 */
function presentModules(modules: readonly ProgramModule[], packages: readonly string[]): ReadonlySet<string> {
  const byPath = new Map(modules.map((each) => [each.path, each]));
  const present = new Set<string>();
  for (const path of packages) {
    const module = moduleOf(byPath, path);
    if (module === undefined) {
      if (!isOfStandardLibrary(path)) continue;
      present.add(isIn(path, 'cmd') ? 'toolchain' : 'stdlib');
    } else {
      present.add(module.path);
      if (module.replacement !== undefined) present.add(module.replacement);
    }
  }
  return present;
}

/**
 * Returns the module whose path is the longest prefix of an import path; undefined if no module contains the package.
 */
export function moduleOf<Module>(byPath: ReadonlyMap<string, Module>, importPath: string): Module | undefined {
  for (let end = importPath.length; end > 0; end = importPath.lastIndexOf('/', end - 1)) {
    const module = byPath.get(importPath.slice(0, end));
    if (module !== undefined) return module;
  }
  return undefined;
}

/**
 * Returns whether an import path that belongs to no module is in the standard library, that is, does not start with a
 * domain.
 */
export function isOfStandardLibrary(importPath: string): boolean {
  const slash = importPath.indexOf('/');
  return !(slash === -1 ? importPath : importPath.slice(0, slash)).includes('.');
}

function isIn(importPath: string, modulePath: string): boolean {
  return (
    importPath.startsWith(modulePath) &&
    (importPath.length === modulePath.length || importPath[modulePath.length] === '/')
  );
}

/** Returns the stored form of a name: its UTF-8 bytes, read as Latin-1. */
function latin1(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
