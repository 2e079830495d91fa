import { ancestorsOf } from '../layer/patterns/pattern-index.ts';

/**
 * The paths that decide whether files are in an image: the paths of the files, the targets of links, and the
 * directories above all these paths.
 */
export type RelevantPaths = {
  readonly has: (path: string) => boolean;
  /** Returns the length of the longest relevant prefix of `path` that consists of whole names. */
  readonly prefixOf: (path: string) => number;
  readonly size: number;
  /** Returns a copy with additional paths. */
  readonly with: (paths: readonly string[]) => RelevantPaths;
};

type Names = Map<string, Names>;

/** Returns the relevant paths for files at these paths. */
export function relevantPaths(paths: readonly string[]): RelevantPaths {
  return indexed(new Set(paths.flatMap((path) => [path, ...ancestorsOf(path)])));
}

function indexed(all: ReadonlySet<string>): RelevantPaths {
  const root: Names = new Map();
  for (const path of all) {
    let names = root;
    for (const name of path.split('/')) {
      const below: Names = names.get(name) ?? new Map();
      names.set(name, below);
      names = below;
    }
  }
  return {
    has: (path) => all.has(path),
    // For most members of a layer, the search ends at the first or second name of the path.
    prefixOf(path) {
      let names = root;
      let known = 0;
      for (let start = 0; ; ) {
        const slash = path.indexOf('/', start);
        const end = slash === -1 ? path.length : slash;
        const below = names.get(path.slice(start, end));
        if (below === undefined) return known;
        known = end;
        if (slash === -1) return known;
        names = below;
        start = slash + 1;
      }
    },
    size: all.size,
    with: (paths) => indexed(new Set([...all, ...paths.flatMap((path) => [path, ...ancestorsOf(path)])])),
  };
}
