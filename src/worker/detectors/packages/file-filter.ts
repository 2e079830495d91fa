import type { PathPattern } from '../path-pattern.ts';
import type { FileFilter } from './owned-paths.ts';
import { pathEnds } from './path-ends.ts';

/**
 * Returns the filter of the paths that any of the patterns may match once links are resolved. Directories in a
 * package's paths may be links, so only the last name of a fixed pattern's directory is compared. An executable pattern
 * matches files in program directories, and files without an alphabetic extension.
 */
export function fileFilterOf(patterns: readonly PathPattern[]): FileFilter {
  const names = new Map<string, string[]>();
  const suffixes: string[] = [];
  const directories = new Map<string, string[]>();
  let hasExecutables = false;
  const addName = (name: string, parentSuffix: string): void =>
    void names.set(name, [...(names.get(name) ?? []), parentSuffix]);
  for (const pattern of patterns) {
    if (pattern.kind === 'executable') hasExecutables = true;
    else if (pattern.kind === 'basename') addName(pattern.name, pattern.parentSuffix ?? '');
    else if (pattern.kind === 'exact') addName(baseOf(pattern.path), '');
    else if (pattern.kind === 'suffix') suffixes.push(pattern.suffix);
    else if (pattern.kind === 'children') {
      const name = baseOf(pattern.directory);
      directories.set(name, [...(directories.get(name) ?? []), pattern.suffix ?? '']);
    }
  }
  const wants = (directory: string, basename: string): boolean =>
    (names.get(basename)?.some((parentSuffix) => directory.endsWith(parentSuffix)) ?? false) ||
    suffixes.some((suffix) => basename.endsWith(suffix)) ||
    (directories.get(baseOf(directory))?.some((suffix) => basename.endsWith(suffix)) ?? false) ||
    (hasExecutables && mayBeExecutable(directory, basename));
  // Executables may have any name, and files in the root have no directory name to search for.
  if (hasExecutables || directories.has('') || suffixes.includes('')) return wants;
  return Object.assign(wants, { ends: pathEnds([...names.keys(), ...suffixes], [...directories.keys()]) });
}

const PROGRAM_DIRECTORIES: ReadonlySet<string> = new Set(['bin', 'sbin', 'libexec']);

const PROGRAM_EXTENSIONS: ReadonlySet<string> = new Set(['so', 'dll', 'exe', 'dylib', 'node']);

/** An extension starts with a letter: `libx.so.1` and `python3.13` have no extension. */
function mayBeExecutable(directory: string, basename: string): boolean {
  const dot = basename.lastIndexOf('.');
  const first = dot === -1 ? 0 : basename.charCodeAt(dot + 1) | UPPER_TO_LOWER;
  if (!(first >= LOWER_A && first <= LOWER_Z) || PROGRAM_EXTENSIONS.has(basename.slice(dot + 1))) return true;
  return directory.split('/').some((name) => PROGRAM_DIRECTORIES.has(name));
}

const LOWER_A = 0x61;
const LOWER_Z = 0x7a;
const UPPER_TO_LOWER = 0x20;

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
