import { parentOf } from '../patterns/pattern-index.ts';
import { type FileTree, isExhausted, trace } from './file-tree.ts';
import type { Directory } from './tree-nodes.ts';

/**
 * A file of a tree: its directory, which is the same object for all paths to the directory, and the name of the file.
 */
export type RealFile = { readonly directory: Directory; readonly name: string };

/** Resolves many paths in few directories: looks each directory up once. */
export type RealPaths = {
  readonly directoryAt: (path: string) => Directory | undefined;
  /**
   * Returns the topmost layer that added or changed a link on the way to the directory at a path; 0 if there are no
   * links.
   */
  readonly linkDepthAt: (path: string) => number;
  /** Returns the file at a path, or the archive that contains the path: `a.jar` of `a.jar!/b.jar`. */
  readonly fileAt: (path: string) => RealFile | undefined;
  /** Returns whether the steps or directories are used up, so that later look-ups find nothing. */
  readonly isExhausted: () => boolean;
};

/**
 * Creates the resolver of a tree, for paths without empty, `.` and `..` segments. Each look-up and each segment it
 * visits is a step of the tree; a look-up ends at the first segment that is missing or a file.
 */
export function createRealPaths(tree: FileTree): RealPaths {
  const { steps, limits } = tree;
  const ends = new Map<string, End | undefined>();
  const links = new Map<Directory, Map<string, End | undefined>>();

  const isDone = (): boolean => isExhausted(tree) || ends.size > limits.maxListedDirectories;

  function endOf(path: string): End | undefined {
    steps.left -= 1;
    if (isDone()) return undefined;
    if (ends.has(path)) return ends.get(path);
    const end = descend(path);
    ends.set(path, end);
    return end;
  }

  /** Walks from the root to the directory at a path, or to the first file on the way. */
  function descend(path: string): End | undefined {
    let directory = tree.root;
    /** The real path of the directory is `base` plus the part of `path` between `from` and `start`. */
    let base = '';
    let from = 0;
    let depth = 0;
    for (let start = 0; start < path.length; ) {
      steps.left -= 1;
      if (isDone()) return undefined;
      const slash = path.indexOf('/', start);
      const end = slash === -1 ? path.length : slash;
      const name = path.slice(start, end);
      const child = directory.children.get(name);
      if (child?.kind === 'directory') directory = child;
      else {
        const above = { directory, path: joined(base, path.slice(from, Math.max(from, start - 1))), depth };
        const next = entryOf(above, name);
        if (next === undefined) return undefined;
        depth = Math.max(depth, next.depth);
        if (next.name !== undefined) return { ...next, depth };
        ({ directory, path: base } = next);
        from = end + 1;
      }
      start = end + 1;
    }
    return { directory, path: joined(base, path.slice(from)), depth };
  }

  function entryOf(above: End, name: string): End | undefined {
    const child = above.directory.children.get(name);
    if (child?.kind === 'file') return { ...above, name };
    if (child === undefined && name.endsWith(IN_ARCHIVE)) {
      const archive = name.slice(0, -IN_ARCHIVE.length);
      return above.directory.children.get(archive)?.kind === 'file' ? { ...above, name: archive } : undefined;
    }
    if (child?.kind === 'directory') return { directory: child, path: joined(above.path, name), depth: above.depth };
    if (child?.kind !== 'symlink') return undefined;
    const known = links.get(above.directory) ?? new Map<string, End | undefined>();
    links.set(above.directory, known);
    if (!known.has(name)) known.set(name, linkEnd(joined(above.path, name)));
    return known.get(name);
  }

  function linkEnd(link: string): End | undefined {
    const { node, path, linkDepth: depth } = trace(tree, link);
    if (node?.kind === 'directory') return { directory: node, path, depth };
    const above = node?.kind === 'file' ? descend(parentOf(path)) : undefined;
    return above && { ...above, name: nameOf(path), depth };
  }

  return {
    directoryAt(path) {
      const end = endOf(path);
      return end?.name === undefined ? end?.directory : undefined;
    },
    linkDepthAt: (path) => endOf(path)?.depth ?? 0,
    fileAt(path) {
      const above = endOf(parentOf(path));
      const end = above === undefined || above.name !== undefined ? above : entryOf(above, nameOf(path));
      return end?.name === undefined ? undefined : { directory: end.directory, name: end.name };
    },
    isExhausted: isDone,
  };
}

/** Separates the path of an archive from the paths of files inside the archive. */
const IN_ARCHIVE = '!';

/** The result of a path: a directory with its real path, or a named file in a directory. */
type End = { readonly directory: Directory; readonly path: string; readonly depth: number; readonly name?: string };

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function joined(directory: string, rest: string): string {
  return directory === '' || rest === '' ? directory + rest : `${directory}/${rest}`;
}
