import type { LayerContents, LayerEntry } from '../layer-contents.ts';
import { TREE_LIMITS, type TreeLimits } from '../limits.ts';
import { pathsOf } from './path-list.ts';
import { ROOT, type Walk, walk } from './path-walk.ts';
import { TreeEditor } from './tree-editor.ts';
import { type Directory, emptyDirectory, type FileNode, fileNode, type Node, sortedNames } from './tree-nodes.ts';

/**
 * The part of an image's file system that detectors need: the facts of each wanted file, its directories, and the links
 * at and above fixed paths. Trees are immutable: applying a layer creates a new tree that shares all untouched nodes.
 */
export type FileTree = {
  readonly root: Directory;
  readonly limits: TreeLimits;
  /** The number of layers applied so far. */
  readonly layers: number;
  /** The number of programs that no entry describes, by the index of the layer; upper layers may have removed some. */
  readonly moreExecutables: ReadonlyMap<number, number>;
  /** The number of path segments that look-ups in this tree may still visit in total. */
  readonly steps: { left: number };
};

/** The node at a path after all links are followed inside the root. */
export type Lookup =
  | FileNode
  | { readonly kind: 'missing' | 'directory' | 'other' }
  /** A symbolic or hard link that dangles, leads to an unwanted file, forms a loop, or takes too many steps. */
  | UnresolvedLink;

export type UnresolvedLink = {
  readonly kind: 'unresolved';
  readonly link: string;
  readonly target: string;
  /** Whether following the link ends in a loop or takes too many steps; false if the target is missing. */
  readonly isEndless: boolean;
};

/** Returns an empty tree, before any layer. */
export function emptyTree(limits: Partial<TreeLimits> = {}): FileTree {
  return treeOf({
    root: emptyDirectory(),
    limits: { ...TREE_LIMITS, ...limits },
    layers: 0,
    moreExecutables: new Map(),
  });
}

/**
 * Applies a layer to a tree. First, whiteouts, opaque directories and other members hide nodes of the layers below,
 * regardless of their position in the archive. Then the layer's own entries are added; if two entries have the same
 * path, the later entry is used.
 *
 * Rules: image-spec layer.md, "Whiteouts" and "Applying changesets".
 *
 * @throws ClairError `bytes/limit-exceeded` when the tree becomes too large, or the walk through its links too long.
 */
export function layOver(tree: FileTree, layer: LayerContents): FileTree {
  const { whiteouts, opaque, entries, others, programLinks = [] } = layer;
  let { moreExecutables: more = 0 } = layer;
  if (whiteouts.length + opaque.length + entries.length + programLinks.length === 0 && others === undefined) {
    return treeOf({ ...tree, layers: tree.layers + 1, moreExecutables: withMore(tree, more) });
  }
  const editor = new TreeEditor(treeOf(tree));
  for (const path of opaque) editor.empty(path);
  for (const path of whiteouts) editor.remove(path);
  // A hard link to a path in `others` leads to the unwanted file of this layer, not to the file of a lower layer that
  // this file replaces.
  const targets = new Set(entries.map((entry) => (entry.kind === 'hardlink' ? entry.target : undefined)));
  for (const path of others === undefined ? [] : pathsOf(others)) {
    editor.replace(path);
    if (targets.has(path)) editor.hide(path);
  }
  for (const entry of entries) {
    if (entry.kind === 'directory') editor.putDirectory(entry.path);
    else if (entry.kind === 'hardlink') editor.put(entry.path, editor.linked(entry.target, entry.path) ?? entry);
    else {
      const node = nodeOf(entry, tree.layers);
      if (editor.hasRoomFor(entry.path, node)) editor.put(entry.path, node);
      else {
        editor.replace(entry.path);
        more += 1;
      }
    }
  }
  for (const { path, target } of programLinks) if (!editor.putProgramLink(path, target)) more += 1;
  const moreExecutables = withMore(tree, more);
  return treeOf({ root: editor.root, limits: tree.limits, layers: tree.layers + 1, moreExecutables });
}

function withMore({ moreExecutables, layers }: FileTree, more: number): FileTree['moreExecutables'] {
  return more === 0 ? moreExecutables : new Map([...moreExecutables, [layers, more]]);
}

function nodeOf(entry: Exclude<LayerEntry, { kind: 'directory' }>, depth: number): Node {
  if (entry.kind === 'file') return fileNode({ ...entry, depth });
  return entry.kind === 'symlink' ? { ...entry, depth } : entry;
}

/**
 * Finds the node at `path`, following links inside the root only: `..` at the root stays there, as in a chroot. Follows
 * no link once the tree's steps are used up: see {@link isExhausted}.
 */
export function lookUp(tree: FileTree, path: string): Lookup {
  return lookupOf(walk(tree.root, path, tree));
}

/** Visits the entries of a directory by name, following links; visits nothing if `path` is not a directory. */
export function visitEntries(tree: FileTree, path: string, visit: (path: string, found: Lookup) => void): void {
  const { node } = walk(tree.root, path, tree);
  if (node?.kind !== 'directory') return;
  for (const name of sortedNames(node)) {
    const entry = joined(path, name);
    const child = node.children.get(name);
    visit(entry, child?.kind === 'file' ? child : lookUp(tree, entry));
  }
}

/** Visits each file of a tree once at its real path, ordered by the names on the path. */
export function visitFiles({ root }: FileTree, visit: (path: string, file: FileNode) => void): void {
  // The stack is explicit, because a deep path would overflow the call stack.
  const open: { readonly directory: Directory; readonly path: string; next: number }[] = [];
  const enter = (directory: Directory, path: string): void => void open.push({ directory, path, next: 0 });
  enter(root, ROOT);
  for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
    const name = sortedNames(at.directory)[at.next];
    at.next += 1;
    const child = name === undefined ? undefined : at.directory.children.get(name);
    if (name === undefined) open.pop();
    else if (child?.kind === 'directory') enter(child, joined(at.path, name));
    else if (child?.kind === 'file') visit(joined(at.path, name), child);
  }
}

/** Visits each symbolic link of a tree once at its real path. */
export function visitLinks({ root }: FileTree, visit: (path: string) => void): void {
  const open: { readonly directory: Directory; readonly path: string }[] = [{ directory: root, path: ROOT }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const [name, child] of at.directory.children) {
      if (child.kind === 'directory') open.push({ directory: child, path: joined(at.path, name) });
      else if (child.kind === 'symlink') visit(joined(at.path, name));
    }
  }
}

/** Follows a path as {@link lookUp} does, and returns where the walk ended. */
export function trace(tree: FileTree, path: string): Walk {
  return walk(tree.root, path, tree);
}

/** Returns the paths of a directory's entries that are links; an empty list if `path` is not a directory. */
export function pathsWithLinks(tree: FileTree, path: string): readonly string[] {
  const { node } = walk(tree.root, path, tree);
  if (node?.kind !== 'directory') return [];
  const links = sortedNames(node).filter((name) => {
    const kind = node.children.get(name)?.kind;
    return kind === 'symlink' || kind === 'hardlink';
  });
  return links.map((name) => joined(path, name));
}

/** Returns the paths of a directory's entries; an empty list if `path` is not a directory. */
export function listDirectory(tree: FileTree, path: string): readonly string[] {
  const { node } = walk(tree.root, path, tree);
  return node?.kind === 'directory' ? sortedNames(node).map((name) => joined(path, name)) : [];
}

/** Returns whether look-ups in this tree were abandoned because its links take too many steps. */
export function isExhausted({ steps }: FileTree): boolean {
  return steps.left <= 0;
}

/** Returns the same tree with a new step limit for further look-ups. */
export function withAllSteps(tree: FileTree): FileTree {
  return treeOf(tree);
}

function treeOf({ root, limits, layers, moreExecutables }: Omit<FileTree, 'steps'>): FileTree {
  return { root, limits, layers, moreExecutables, steps: { left: limits.maxSteps } };
}

function lookupOf({ node, path, link }: Walk): Lookup {
  if (node === undefined) {
    return link === undefined
      ? { kind: 'missing' }
      : { kind: 'unresolved', link: link.path, target: link.target, isEndless: false };
  }
  if (node.kind === 'file') return node;
  if (node.kind === 'symlink' || node.kind === 'hardlink') {
    return { kind: 'unresolved', link: path, target: node.target, isEndless: node.kind === 'symlink' };
  }
  return { kind: node.kind };
}

function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
