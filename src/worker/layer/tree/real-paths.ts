import { type FileTree, trace } from './file-tree.ts';
import type { Directory } from './tree-nodes.ts';

/** Finds where paths of a tree really are, for many paths in few directories: each directory is looked up once. */
export type RealPaths = {
  /** Returns the path of a directory without links; undefined where the tree has none. */
  readonly ofDirectory: (path: string) => string | undefined;
  /** Returns the path of the file at `path` without links, or of the archive that `path` goes on in: `a.jar` of `a.jar/b.jar`. */
  readonly ofFile: (path: string) => string | undefined;
};

/** Bound on the directories that are remembered, by the paths that lead to them: links make more of these than a tree has. */
const MAX_KNOWN = 100_000;

/** Creates the finder of a tree. Paths have no segment that is empty, `.` or `..`. */
export function createRealPaths(tree: FileTree): RealPaths {
  const root: Place = { node: tree.root, path: '' };
  const known = new Map<string, Place>();

  function directoryAt(path: string): Place | undefined {
    if (path === '') return root;
    const place = known.get(path) ?? foundAt(path);
    if (place !== undefined && known.size < MAX_KNOWN) known.set(path, place);
    return place;
  }

  function foundAt(path: string): Place | undefined {
    const { parent, name } = split(path);
    const above = directoryAt(parent);
    const child = above?.node.children.get(name);
    if (above === undefined || child === undefined) return undefined;
    if (child.kind === 'directory') return { node: child, path: joined(above.path, name) };
    if (child.kind !== 'symlink') return undefined;
    const { node, path: end } = trace(tree, path);
    return node?.kind === 'directory' ? { node, path: end } : undefined;
  }

  return {
    ofDirectory: (path) => directoryAt(path)?.path,
    ofFile(path) {
      for (let at = path; at !== ''; at = split(at).parent) {
        const { parent, name } = split(at);
        const above = directoryAt(parent);
        const child = above?.node.children.get(name);
        if (above !== undefined && child?.kind === 'file') return joined(above.path, name);
        if (child?.kind === 'symlink') {
          const { node, path: end } = trace(tree, at);
          if (node?.kind === 'file') return end;
        }
        // Only what goes on below a file has no directory above it.
        if (above !== undefined) return undefined;
      }
      return undefined;
    },
  };
}

type Place = { readonly node: Directory; readonly path: string };

function split(path: string): { readonly parent: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { parent: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}

function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
