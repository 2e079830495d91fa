import { ClairError } from '../../../errors.ts';
import type { FileFindings } from '../../detectors/detector.ts';
import type { LayerFindings } from '../layer-findings.ts';
import { TREE_LIMITS, type TreeLimits } from '../limits.ts';
import { ROOT, type Walk, walk } from './path-walk.ts';
import {
  type Directory,
  emptyDirectory,
  fileNode,
  type Node,
  nodeSize,
  sortedNames,
  type TreeSize,
} from './tree-nodes.ts';

/**
 * The part of an image's file system that detectors care about, as it is after some layers: the findings of each
 * wanted file, and the directories and links on the way to it. Trees are never changed: a layer gives a new one, which
 * shares with the old one all that the layer does not touch.
 */
export type FileTree = {
  readonly root: Directory;
  readonly limits: TreeLimits;
  /** How many path segments look-ups may still visit; shared by all look-ups in this tree. */
  readonly steps: { left: number };
};

/** What stands at a path when all links are followed inside the root. */
export type Lookup =
  | { readonly kind: 'file'; readonly findings: FileFindings }
  | { readonly kind: 'missing' | 'directory' | 'other' }
  /** A link, also a hard one, that leads nowhere, to something that no detector wanted, in circles, or on too long a way. */
  | { readonly kind: 'unresolved'; readonly link: string; readonly target: string };

/** The tree of no layers. */
export function emptyTree(limits: Partial<TreeLimits> = {}): FileTree {
  return treeOf(emptyDirectory(), { ...TREE_LIMITS, ...limits });
}

/**
 * Gives the tree with a layer laid over it. Whiteouts and opaque directories hide only what is below, wherever they
 * stand in the archive; then the layer's own entries count, the later one of two with the same path.
 *
 * Rules: image-spec layer.md, "Whiteouts" and "Applying changesets".
 *
 * @throws ClairError `bytes/limit-exceeded` when the tree or the way through its links becomes too long.
 */
export function layOver(tree: FileTree, layer: LayerFindings): FileTree {
  const { whiteouts, opaque, entries } = layer;
  if (whiteouts.length + opaque.length + entries.length === 0) return treeOf(tree.root, tree.limits);
  const editor = new TreeEditor(treeOf(tree.root, tree.limits));
  for (const path of opaque) editor.empty(path);
  for (const path of whiteouts) editor.remove(path);
  for (const entry of entries) {
    if (entry.kind === 'directory') editor.putDirectory(entry.path);
    else if (entry.kind === 'hardlink') editor.put(entry.path, editor.linked(entry.target) ?? entry);
    else editor.put(entry.path, entry.kind === 'file' ? fileNode(entry.findings) : entry);
  }
  return treeOf(editor.root, tree.limits);
}

/**
 * Finds what stands at `path`, following links inside the root only: `..` at the root stays there, as in a chroot.
 * Look-ups beyond the steps of the tree find nothing: {@link isExhausted} tells.
 */
export function lookUp(tree: FileTree, path: string): Lookup {
  return lookupOf(walk(tree.root, path, tree));
}

/** Visits the entries of a directory in the order of their names, links followed; none if `path` is no directory. */
export function visitEntries(tree: FileTree, path: string, visit: (path: string, found: Lookup) => void): void {
  const { node } = walk(tree.root, path, tree);
  if (node?.kind !== 'directory') return;
  for (const name of sortedNames(node)) {
    const entry = joined(path, name);
    const child = node.children.get(name);
    visit(entry, child?.kind === 'file' ? child : lookUp(tree, entry));
  }
}

/** Goes along a path as {@link lookUp} does, and tells where that ended. */
export function trace(tree: FileTree, path: string): Walk {
  return walk(tree.root, path, tree);
}

/** The paths of those entries of a directory that are links. */
export function pathsWithLinks(tree: FileTree, path: string): readonly string[] {
  const { node } = walk(tree.root, path, tree);
  if (node?.kind !== 'directory') return [];
  const links = sortedNames(node).filter((name) => {
    const kind = node.children.get(name)?.kind;
    return kind === 'symlink' || kind === 'hardlink';
  });
  return links.map((name) => joined(path, name));
}

/** The paths of the entries of a directory; none if `path` is no directory. */
export function listDirectory(tree: FileTree, path: string): readonly string[] {
  const { node } = walk(tree.root, path, tree);
  return node?.kind === 'directory' ? sortedNames(node).map((name) => joined(path, name)) : [];
}

/** Tells whether look-ups in this tree were given up because its links lead too long a way. */
export function isExhausted({ steps }: FileTree): boolean {
  return steps.left <= 0;
}

function treeOf(root: Directory, limits: TreeLimits): FileTree {
  return { root, limits, steps: { left: limits.maxSteps } };
}

function lookupOf({ node, path, link }: Walk): Lookup {
  if (node === undefined) {
    return link === undefined ? { kind: 'missing' } : { kind: 'unresolved', link: link.path, target: link.target };
  }
  if (node.kind === 'file') return node;
  if (node.kind === 'symlink' || node.kind === 'hardlink') {
    return { kind: 'unresolved', link: path, target: node.target };
  }
  return { kind: node.kind };
}

function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/** Changes a tree by copies of the directories that it touches, each copied once. */
class TreeEditor {
  readonly #tree: FileTree;
  #root: Directory;
  /** The directories that are new, and so may be changed. */
  readonly #own = new Set<Directory>();

  constructor(tree: FileTree) {
    this.#tree = tree;
    this.#root = tree.root;
  }

  get root(): Directory {
    return this.#root;
  }

  /** Removes what is in the directory at `path`, if there is one. */
  empty(path: string): void {
    const names = this.#namesOfDirectory(path);
    if (names === undefined) return;
    const chain = this.#ownedChain(names);
    const directory = chain.at(-1) ?? this.#root;
    grow(chain, { entries: 0, characters: 0 }, { ...directory.size });
    directory.sorted = undefined;
    directory.children.clear();
  }

  /** Removes what is at `path`, if there is something. */
  remove(path: string): void {
    const { parent, name } = split(path);
    const names = this.#namesOfDirectory(parent);
    if (names !== undefined) this.#set(names, name, undefined);
  }

  /** Makes sure that there is a directory at `path`. */
  putDirectory(path: string): void {
    const { parent, name } = split(path);
    const names = this.#makeDirectory(parent);
    const child = this.#directoryAt(names)?.children.get(name);
    if (child?.kind !== 'directory') this.#set(names, name, emptyDirectory());
  }

  /** Puts a node at `path`, in place of whatever is there. */
  put(path: string, node: Node): void {
    const { parent, name } = split(path);
    this.#set(this.#makeDirectory(parent), name, node);
  }

  /**
   * What a hard link to `path` shares: what stands there now, else what stood there below the layer, whose whiteouts may
   * stand anywhere in its archive. Undefined where nothing does that a hard link can share.
   */
  linked(path: string): Node | undefined {
    const { parent, name } = split(path);
    for (const root of [this.#root, this.#tree.root]) {
      const { node } = walk(root, parent, this.#tree);
      const child = node?.kind === 'directory' ? node.children.get(name) : undefined;
      if (child !== undefined && child.kind !== 'directory') return child;
    }
    return undefined;
  }

  /** Where the directory at `path` is when links are followed; undefined when there is none. */
  #namesOfDirectory(path: string): readonly string[] | undefined {
    const at = this.#walk(path);
    return at.node?.kind === 'directory' ? namesOf(at.path) : undefined;
  }

  /** Where the directory is that an entry goes into; made, also in place of a file or a link to nowhere. */
  #makeDirectory(path: string): readonly string[] {
    const whole = this.#namesOfDirectory(path);
    if (whole !== undefined) return whole;
    let names: readonly string[] = [];
    for (const name of namesOf(path)) {
      const at = this.#walk([...names, name].join('/'));
      if (at.node?.kind === 'directory') {
        names = namesOf(at.path);
      } else {
        this.#set(names, name, emptyDirectory());
        names = [...names, name];
      }
    }
    return names;
  }

  #walk(path: string): Walk {
    const at = walk(this.#root, path, this.#tree);
    if (!isExhausted(this.#tree)) return at;
    const { maxSteps } = this.#tree.limits;
    throw new ClairError('bytes/limit-exceeded', `the links of a layer take more than ${maxSteps} steps to follow`);
  }

  #directoryAt(names: readonly string[]): Directory | undefined {
    let at: Node | undefined = this.#root;
    for (const name of names) at = at?.kind === 'directory' ? at.children.get(name) : undefined;
    return at?.kind === 'directory' ? at : undefined;
  }

  /** Sets or removes an entry of the directory at `names`, which exists and is reached without links. */
  #set(names: readonly string[], name: string, node: Node | undefined): void {
    const before = this.#directoryAt(names)?.children.get(name);
    if (before === undefined && node === undefined) return;
    const chain = this.#ownedChain(names);
    grow(chain, nodeSize(node), nodeSize(before));
    const directory = chain.at(-1) ?? this.#root;
    directory.sorted = undefined;
    if (node === undefined) directory.children.delete(name);
    else directory.children.set(name, node);
    if (node?.kind === 'directory') this.#own.add(node);
    this.#checkSize();
  }

  /** The directories from the root to the one at `names`, each of which may be changed. */
  #ownedChain(names: readonly string[]): readonly Directory[] {
    this.#root = this.#owned(this.#root);
    const chain = [this.#root];
    let directory = this.#root;
    for (const name of names) {
      const child = directory.children.get(name);
      if (child?.kind !== 'directory') throw new Error(`there is no directory ${names.join('/')}`);
      const owned = this.#owned(child);
      if (owned !== child) directory.children.set(name, owned);
      chain.push(owned);
      directory = owned;
    }
    return chain;
  }

  #owned(directory: Directory): Directory {
    if (this.#own.has(directory)) return directory;
    const { children, size, sorted } = directory;
    const copy: Directory = { kind: 'directory', children: new Map(children), size: { ...size }, sorted };
    this.#own.add(copy);
    return copy;
  }

  #checkSize(): void {
    const { entries, characters } = this.#root.size;
    const { maxEntries, maxCharacters } = this.#tree.limits;
    if (entries <= maxEntries && characters <= maxCharacters) return;
    const what = entries > maxEntries ? `${maxEntries} files` : `${maxCharacters} characters`;
    throw new ClairError('bytes/limit-exceeded', `what detectors want of the image has more than ${what}`);
  }
}

/** Notes in a directory and those above it what came and what went. */
function grow(chain: readonly Directory[], added: TreeSize, removed: TreeSize): void {
  for (const { size } of chain) {
    size.entries += added.entries - removed.entries;
    size.characters += added.characters - removed.characters;
  }
}

function split(path: string): { readonly parent: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { parent: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}

function namesOf(path: string): readonly string[] {
  return path === ROOT ? [] : path.split('/');
}
