import type { Detector } from '../../detectors/detector.ts';
import type { FixedPattern, PathPattern } from '../../detectors/path-pattern.ts';

/** What a fixed path means to the detectors. */
export type PathRole = {
  /** Those that want the file at this path; empty for a directory above wanted paths. */
  readonly detectors: readonly Detector[];
  /** Whether wanted paths lie below. */
  readonly above: boolean;
};

/** What detectors want, indexed so that a path costs a few look-ups however many patterns there are. */
export type PatternIndex = {
  /** The fixed paths and the directories above them. */
  readonly roles: ReadonlyMap<string, PathRole>;
  /** By directory: the detectors that want the files directly in it, and the suffix that the names must have. */
  readonly directories: ReadonlyMap<string, readonly WantedChildren[]>;
  /** By the code of the last character of a path, which rules out most paths before their names are cut out. */
  readonly names: ReadonlyMap<number, NamePatterns>;
  /** The detectors that want every executable. */
  readonly executables: readonly Detector[];
  /** Symbolic links whose path has at most so many segments are kept in the tree. */
  readonly linkDepth: number;
  /** Whether some pattern matches files in any directory. */
  readonly isAnywhere: boolean;
};

/** Files directly in a directory that a detector wants; an empty suffix is that of every name. */
type WantedChildren = { readonly detector: Detector; readonly suffix: string };

/** The names that end in one character. */
type NamePatterns = {
  readonly basenames: Map<string, readonly NamedFile[]>;
  readonly suffixes: Map<string, readonly Detector[]>;
  /** The lengths of the suffixes, each once. */
  readonly suffixLengths: Set<number>;
};

type NamedFile = { readonly detector: Detector; readonly parentSuffix: string };

const NOBODY: readonly Detector[] = [];

/** Indexes what `detectors` want. */
export function indexPatterns(detectors: readonly Detector[]): PatternIndex {
  const roles = new Map<string, PathRole>();
  const directories = new Map<string, readonly WantedChildren[]>();
  const names = new Map<number, NamePatterns>();
  const executables = new Set<Detector>();
  let linkDepth = 0;
  let isAnywhere = false;
  for (const detector of detectors) {
    for (const pattern of detector.wants) {
      if (pattern.kind === 'exact' || pattern.kind === 'children') addFixed({ roles, directories }, detector, pattern);
      else {
        isAnywhere = true;
        if (pattern.kind === 'executable') executables.add(detector);
        else if (pattern.kind === 'link') linkDepth = Math.max(linkDepth, pattern.depth);
        else addName(names, detector, pattern);
      }
    }
  }
  return { roles, directories, names, executables: [...executables], linkDepth, isAnywhere };
}

/** Returns what `path` means to fixed patterns; null when it means nothing, as the root does. */
export function fixedRole(path: string, index: PatternIndex): PathRole | null {
  if (path === '') return null;
  const role = index.roles.get(path) ?? null;
  let asChild = NOBODY;
  for (const { detector, suffix } of index.directories.get(parentOf(path)) ?? []) {
    if (path.endsWith(suffix)) asChild = united(asChild, [detector]);
  }
  if (asChild.length === 0) return role;
  return { detectors: united(role?.detectors ?? NOBODY, asChild), above: role?.above ?? false };
}

/** Returns whether the tree follows a symbolic link at `path` although no fixed path leads through it. */
export function isFollowedLink(path: string, { linkDepth }: PatternIndex): boolean {
  let segments = linkDepth === 0 ? Infinity : 1;
  for (let slash = path.indexOf('/'); slash !== -1 && segments <= linkDepth; slash = path.indexOf('/', slash + 1))
    segments += 1;
  return segments <= linkDepth;
}

/** Returns the detectors that want a regular file of this name in this directory, wherever the directory is. */
export function detectorsOfName(path: string, { names }: PatternIndex): readonly Detector[] {
  const patterns = names.get(path.charCodeAt(path.length - 1));
  if (patterns === undefined) return NOBODY;
  const nameAt = path.lastIndexOf('/') + 1;
  const name = path.slice(nameAt);
  let found = NOBODY;
  for (const { detector, parentSuffix } of patterns.basenames.get(name) ?? []) {
    // The slash in front of the name ends the parent's.
    if (parentSuffix === '' || path.endsWith(parentSuffix, nameAt - 1)) found = united(found, [detector]);
  }
  for (const length of patterns.suffixLengths) {
    if (length <= name.length) found = united(found, patterns.suffixes.get(name.slice(-length)) ?? NOBODY);
  }
  return found;
}

/** Returns the detectors that want a regular file at `path`, as far as the path tells. */
export function detectorsOfPath(path: string, index: PatternIndex): readonly Detector[] {
  return united(fixedRole(path, index)?.detectors ?? NOBODY, detectorsOfName(path, index));
}

/** Returns the directories above `path`, nearest first, without the root. */
export function ancestorsOf(path: string): readonly string[] {
  const ancestors: string[] = [];
  for (let above = parentOf(path); above !== ''; above = parentOf(above)) ancestors.push(above);
  return ancestors;
}

/** Returns the directory that `path` lies in; the root is empty. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function addFixed(
  { roles, directories }: { roles: Map<string, PathRole>; directories: Map<string, readonly WantedChildren[]> },
  detector: Detector,
  pattern: FixedPattern,
): void {
  let above: readonly string[];
  if (pattern.kind === 'exact') {
    const role = roles.get(pattern.path);
    roles.set(pattern.path, { detectors: united(role?.detectors ?? NOBODY, [detector]), above: role?.above ?? false });
    above = ancestorsOf(pattern.path);
  } else {
    const { directory, suffix = '' } = pattern;
    directories.set(directory, [...(directories.get(directory) ?? []), { detector, suffix }]);
    above = directory === '' ? [] : [directory, ...ancestorsOf(directory)];
  }
  for (const ancestor of above) {
    roles.set(ancestor, { detectors: roles.get(ancestor)?.detectors ?? NOBODY, above: true });
  }
}

function addName(
  names: Map<number, NamePatterns>,
  detector: Detector,
  pattern: Extract<PathPattern, { kind: 'basename' | 'suffix' }>,
): void {
  const text = pattern.kind === 'basename' ? pattern.name : pattern.suffix;
  const last = text.charCodeAt(text.length - 1);
  const patterns = names.get(last) ?? { basenames: new Map(), suffixes: new Map(), suffixLengths: new Set() };
  names.set(last, patterns);
  if (pattern.kind === 'basename') {
    const { name, parentSuffix = '' } = pattern;
    patterns.basenames.set(name, [...(patterns.basenames.get(name) ?? []), { detector, parentSuffix }]);
  } else {
    const { suffix } = pattern;
    patterns.suffixes.set(suffix, united(patterns.suffixes.get(suffix) ?? NOBODY, [detector]));
    patterns.suffixLengths.add(suffix.length);
  }
}

/** The detectors of both lists, each once. */
function united(one: readonly Detector[], other: readonly Detector[]): readonly Detector[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  return [...one.filter((detector) => !other.includes(detector)), ...other];
}
