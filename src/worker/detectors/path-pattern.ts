/** Which files of an image a detector reads. Paths start at the root and have no leading slash; the root itself is empty. */
export type PathPattern = FixedPattern | AnywherePattern;

/** Files at a path that is known beforehand. Links at the path and above it are followed. */
export type FixedPattern = ExactPath | DirectoryChildren;

/** The file at one path. */
export type ExactPath = { readonly kind: 'exact'; readonly path: string };

/** Every file directly in a directory; with `suffix` only those whose name ends in it. */
export type DirectoryChildren = { readonly kind: 'children'; readonly directory: string; readonly suffix?: string };

/** Regular files in any directory, at their real paths; links are not followed. Names, suffixes and parents have no slash. */
export type AnywherePattern =
  /** Files of one name; with `parentSuffix` only those directly in a directory whose name ends in it, such as `.dist-info`. */
  | { readonly kind: 'basename'; readonly name: string; readonly parentSuffix?: string }
  /** Files whose name ends in `suffix`, such as `.jar`. */
  | { readonly kind: 'suffix'; readonly suffix: string }
  /** Files whose first bytes are those of ELF, PE or Mach-O. */
  | { readonly kind: 'executable' }
  /** Symbolic links whose path has at most `depth` segments: nothing is read of them, but the tree follows them. */
  | { readonly kind: 'link'; readonly depth: number };

/** Returns the patterns of files at these paths. */
export function exactPaths(...paths: readonly string[]): readonly ExactPath[] {
  return paths.map((path) => ({ kind: 'exact', path }));
}

/** Returns the patterns of the files directly in these directories. */
export function childrenOf(...directories: readonly string[]): readonly DirectoryChildren[] {
  return directories.map((directory) => ({ kind: 'children', directory }));
}

/** Returns the pattern of the files directly in a directory whose names end in a suffix. */
export function childrenEndingIn(suffix: string, directory: string): DirectoryChildren {
  return { kind: 'children', directory, suffix };
}

/** Returns whether a pattern names its place in the image. */
export function isFixed(pattern: PathPattern): pattern is FixedPattern {
  return pattern.kind === 'exact' || pattern.kind === 'children';
}

/** Returns the path of the file or directory that a pattern names. */
export function placeOf(pattern: FixedPattern): string {
  return pattern.kind === 'exact' ? pattern.path : pattern.directory;
}

/** Returns a pattern as a text; a last segment `*` stands for every file directly in the directory. */
export function patternText(pattern: FixedPattern): string {
  return pattern.kind === 'exact' ? pattern.path : `${pattern.directory}/*${pattern.suffix ?? ''}`;
}
