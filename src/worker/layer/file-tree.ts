import type { FileFindings } from '../detectors/detector.ts';
import type { LayerFindings } from './layer-findings.ts';

/** How many links are followed for one path before it counts as a loop; Linux gives up at the same number. */
const MAX_LINK_HOPS = 40;

/**
 * The part of an image's file system that detectors care about, as it is after some layers: the findings of each
 * wanted file, and the directories and links on the way to it.
 */
export type FileTree = { readonly root: Directory };

type Directory = { readonly kind: 'directory'; readonly children: Map<string, Node> };
type File = { readonly kind: 'file'; readonly findings: FileFindings };
type Symlink = { readonly kind: 'symlink'; readonly target: string };
type Node = Directory | File | Symlink | { readonly kind: 'other' };

/** What stands at a path when all links are followed inside the root. */
export type Lookup =
  | { readonly kind: 'file'; readonly path: string; readonly findings: FileFindings }
  | { readonly kind: 'missing' | 'directory' | 'other' }
  /** A link that leads nowhere, to something that no detector wanted, or in circles. */
  | { readonly kind: 'unresolved'; readonly link: string; readonly target: string };

export function emptyTree(): FileTree {
  return { root: emptyDirectory() };
}

/** Copies a tree, so that a layer can be laid over it while the original stays what it was. */
export function copyTree(tree: FileTree): FileTree {
  return { root: copyDirectory(tree.root) };
}

/**
 * Lays a layer over the tree, in place. Whiteouts and opaque directories hide only what is below, wherever they stand
 * in the archive; then the layer's own entries count, the later one of two with the same path.
 *
 * Rules: image-spec layer.md, "Whiteouts" and "Applying changesets".
 */
export function applyLayer(tree: FileTree, layer: LayerFindings): void {
  for (const path of layer.opaque) {
    const directory = walk(tree, path).node;
    if (directory?.kind === 'directory') directory.children.clear();
  }
  for (const path of layer.whiteouts) {
    const { parent, name } = split(path);
    const directory = walk(tree, parent).node;
    if (directory?.kind === 'directory') directory.children.delete(name);
  }
  for (const entry of layer.entries) {
    const { parent, name } = split(entry.path);
    const { children } = directoryAt(tree, parent);
    if (entry.kind === 'directory') {
      if (children.get(name)?.kind !== 'directory') children.set(name, emptyDirectory());
    } else {
      children.set(name, entry);
    }
  }
}

/** Finds what stands at `path`, following links inside the root only: `..` at the root stays there, as in a chroot. */
export function lookUp(tree: FileTree, path: string): Lookup {
  const { node, path: real, link } = walk(tree, path);
  if (node === undefined) {
    return link === undefined ? { kind: 'missing' } : { kind: 'unresolved', link: link.path, target: link.target };
  }
  if (node.kind === 'file') return { kind: 'file', path: real, findings: node.findings };
  if (node.kind === 'symlink') return { kind: 'unresolved', link: real, target: node.target };
  return { kind: node.kind };
}

/** The paths of the entries of a directory, links followed; none when there is no directory at `path`. */
export function listDirectory(tree: FileTree, path: string): readonly string[] {
  const { node } = walk(tree, path);
  return node?.kind === 'directory' ? [...node.children.keys()].toSorted().map((name) => `${path}/${name}`) : [];
}

type Walk = {
  /** What was found; a symlink only when links go in circles. */
  readonly node: Node | undefined;
  readonly path: string;
  /** The last link that leads nowhere, if any. That a path is missing below a link that leads somewhere is no doubt. */
  readonly link: { readonly path: string; readonly target: string } | undefined;
};

function walk(tree: FileTree, path: string): Walk {
  const pending = path.split('/').toReversed();
  const trail: Directory[] = [];
  const names: string[] = [];
  let node: Node = tree.root;
  let hops = 0;
  const links: { readonly path: string; readonly target: string; readonly behind: number }[] = [];
  const deadLink = (): Walk['link'] => links.findLast(({ behind }) => pending.length >= behind);
  while (pending.length > 0) {
    const name = pending.pop() ?? '';
    if (name === '' || name === '.') continue;
    if (name === '..') {
      node = trail.pop() ?? tree.root;
      names.pop();
      continue;
    }
    const child: Node | undefined = node.kind === 'directory' ? node.children.get(name) : undefined;
    const at = [...names, name].join('/');
    if (child === undefined) return { node: undefined, path: at, link: deadLink() };
    if (child.kind === 'symlink') {
      hops += 1;
      links.push({ path: at, target: child.target, behind: pending.length });
      if (hops > MAX_LINK_HOPS) return { node: child, path: at, link: deadLink() };
      if (child.target.startsWith('/')) {
        node = tree.root;
        trail.length = 0;
        names.length = 0;
      }
      pending.push(...child.target.split('/').toReversed());
      continue;
    }
    if (node.kind === 'directory') trail.push(node);
    names.push(name);
    node = child;
  }
  return { node, path: names.join('/'), link: undefined };
}

/** The directory that an entry goes into; made, also in place of a file or a link to nowhere, where there is none. */
function directoryAt(tree: FileTree, path: string): Directory {
  let directory = tree.root;
  let at = '';
  for (const name of path === '' ? [] : path.split('/')) {
    at = at === '' ? name : `${at}/${name}`;
    let { node } = walk(tree, at);
    if (node?.kind !== 'directory') {
      node = emptyDirectory();
      directory.children.set(name, node);
    }
    directory = node;
  }
  return directory;
}

function split(path: string): { readonly parent: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { parent: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}

function emptyDirectory(): Directory {
  return { kind: 'directory', children: new Map() };
}

function copyDirectory(directory: Directory): Directory {
  const children = new Map<string, Node>();
  for (const [name, child] of directory.children) {
    children.set(name, child.kind === 'directory' ? copyDirectory(child) : child);
  }
  return { kind: 'directory', children };
}
