import type { Detector } from '../../detectors/detector.ts';
import type { FixedPattern, PathPattern } from '../../detectors/path-pattern.ts';

export type PathRole = {
  /** The detectors that read the path; empty if the path is only above wanted paths. */
  readonly detectors: readonly Detector[];
  /** Whether there are wanted paths below the path. */
  readonly above: boolean;
};

/** The role of a path that no detector reads and that is not above a path that a detector reads. */
export const NO_ROLE: PathRole = { detectors: [], above: false };

/** The wanted patterns, indexed so that matching a path takes a few look-ups, regardless of the number of patterns. */
export type PatternIndex = {
  /** The fixed paths and the directories above them. */
  readonly roles: ReadonlyMap<string, PathRole>;
  /** The detectors that read files directly in a directory, by directory, with the required name suffix. */
  readonly directories: ReadonlyMap<string, readonly WantedChildren[]>;
  /**
   * The wanted names by the code of a path's last character, which excludes most paths before their names are
   * extracted.
   */
  readonly names: ReadonlyMap<number, NamePatterns>;
  readonly executables: readonly Detector[];
  /** The maximum number of path segments of symbolic links kept in the tree. */
  readonly linkDepth: number;
  readonly isAnywhere: boolean;
};

/** Files that a detector reads in a directory; an empty suffix matches every name. */
type WantedChildren = { readonly detector: Detector; readonly suffix: string };

type NamePatterns = {
  readonly basenames: Map<string, readonly NamedFile[]>;
  readonly suffixes: Map<string, readonly NamedFile[]>;
  /** The distinct lengths of the suffixes. */
  readonly suffixLengths: Set<number>;
};

type NamedFile = {
  readonly detector: Detector;
  readonly parentSuffix: string;
  readonly accepts: ((path: string) => boolean) | undefined;
};

const NOBODY: readonly Detector[] = [];

/**
 * Builds the index of the path patterns of detectors, which finds the detectors of a path without testing each pattern.
 */
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

/** Returns the role of `path` for fixed patterns; null for a path without a role, such as the root. */
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

/** Returns whether the tree keeps a symbolic link at `path` although no fixed path leads through it. */
export function isFollowedLink(path: string, { linkDepth }: PatternIndex): boolean {
  let segments = linkDepth === 0 ? Infinity : 1;
  for (let slash = path.indexOf('/'); slash !== -1 && segments <= linkDepth; slash = path.indexOf('/', slash + 1))
    segments += 1;
  return segments <= linkDepth;
}

/**
 * Returns the detectors that read a regular file, according to its name, its parent directory and the paths that the
 * detectors accept.
 */
export function detectorsOfName(path: string, { names }: PatternIndex): readonly Detector[] {
  const patterns = names.get(path.charCodeAt(path.length - 1));
  if (patterns === undefined) return NOBODY;
  const nameAt = path.lastIndexOf('/') + 1;
  const name = path.slice(nameAt);
  let found = NOBODY;
  const add = ({ detector, parentSuffix, accepts }: NamedFile): void => {
    // The name of the parent ends at the slash before the name of the file.
    const isInParent = parentSuffix === '' || path.endsWith(parentSuffix, nameAt - 1);
    if (isInParent && accepts?.(path) !== false) found = united(found, [detector]);
  };
  patterns.basenames.get(name)?.forEach(add);
  for (const length of patterns.suffixLengths) {
    if (length <= name.length) patterns.suffixes.get(name.slice(-length))?.forEach(add);
  }
  return found;
}

/** Returns the detectors that read a regular file at `path`, according to the path alone. */
export function detectorsOfPath(path: string, index: PatternIndex): readonly Detector[] {
  return united(fixedRole(path, index)?.detectors ?? NOBODY, detectorsOfName(path, index));
}

/** Returns the directories above `path`, nearest first, without the root. */
export function ancestorsOf(path: string): readonly string[] {
  const ancestors: string[] = [];
  for (let above = parentOf(path); above !== ''; above = parentOf(above)) ancestors.push(above);
  return ancestors;
}

/** Returns the directory of `path`; empty for the root. */
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
    const { name, parentSuffix = '', accepts } = pattern;
    patterns.basenames.set(name, [...(patterns.basenames.get(name) ?? []), { detector, parentSuffix, accepts }]);
  } else {
    const { suffix, parentSuffix = '' } = pattern;
    const others = patterns.suffixes.get(suffix) ?? [];
    patterns.suffixes.set(suffix, [...others, { detector, parentSuffix, accepts: undefined }]);
    patterns.suffixLengths.add(suffix.length);
  }
}

function united(one: readonly Detector[], other: readonly Detector[]): readonly Detector[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  return [...one.filter((detector) => !other.includes(detector)), ...other];
}
