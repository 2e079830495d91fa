/** The files that a detector reads. Paths start at the root, without a leading slash; the path of the root is empty. */
export type PathPattern = FixedPattern | AnywherePattern;

/** Files at a known path. Links at the path and above it are followed. */
export type FixedPattern = ExactPath | DirectoryChildren;

export type ExactPath = { readonly kind: 'exact'; readonly path: string };

/** The files directly in a directory; `suffix` restricts them to files with this name suffix. */
export type DirectoryChildren = { readonly kind: 'children'; readonly directory: string; readonly suffix?: string };

/**
 * Regular files in any directory, or symbolic links near the root, at their real paths; links are not followed. Names,
 * suffixes and parents contain no slash.
 */
export type AnywherePattern =
  /**
   * Files with a given name. `parentSuffix` restricts them to files directly in a directory with that suffix, such as
   * `.dist-info`. `accepts` restricts them to paths that the function accepts; other files are not read, and hard links
   * at other paths are ignored.
   */
  | {
      readonly kind: 'basename';
      readonly name: string;
      readonly parentSuffix?: string;
      readonly accepts?: (path: string) => boolean;
    }
  /**
   * Files with a given name suffix, such as `.jar`; `parentSuffix` has the same meaning as for files with a given name.
   */
  | { readonly kind: 'suffix'; readonly suffix: string; readonly parentSuffix?: string }
  /** Files that start like ELF, PE or Mach-O. */
  | { readonly kind: 'executable' }
  /**
   * Symbolic links at a path of at most `depth` segments. The links are not read, but kept so that look-ups in the tree
   * can follow them.
   */
  | { readonly kind: 'link'; readonly depth: number };

/** Returns the patterns of files at these paths. */
export function exactPaths(...paths: readonly string[]): readonly ExactPath[] {
  return paths.map((path) => ({ kind: 'exact', path }));
}

/** Returns the patterns of the files directly in these directories. */
export function childrenOf(...directories: readonly string[]): readonly DirectoryChildren[] {
  return directories.map((directory) => ({ kind: 'children', directory }));
}

/** Returns the pattern of the files that are directly in a directory and have a name suffix. */
export function childrenEndingIn(suffix: string, directory: string): DirectoryChildren {
  return { kind: 'children', directory, suffix };
}

/** Returns whether a pattern has a known path. */
export function isFixed(pattern: PathPattern): pattern is FixedPattern {
  return pattern.kind === 'exact' || pattern.kind === 'children';
}

/** Returns the path of the pattern's file or directory. */
export function placeOf(pattern: FixedPattern): string {
  return pattern.kind === 'exact' ? pattern.path : pattern.directory;
}

/** Formats a pattern as text; `*` in the last segment stands for any characters of a file name. */
export function patternText(pattern: FixedPattern): string {
  return pattern.kind === 'exact' ? pattern.path : `${pattern.directory}/*${pattern.suffix ?? ''}`;
}
