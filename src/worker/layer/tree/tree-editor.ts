import { ClairError } from '../../../errors.ts';
import { isPlainExecutable, linkedContents } from '../file-readings.ts';
import type { TreeLimits } from '../limits.ts';
import { ROOT, type Walk, walk } from './path-walk.ts';
import {
  type Directory,
  depthOfRepeated,
  emptyDirectory,
  fileNode,
  type Node,
  nodeSize,
  type TreeSize,
} from './tree-nodes.ts';

export type EditedTree = {
  readonly root: Directory;
  readonly limits: TreeLimits;
  readonly layers: number;
  readonly steps: { left: number };
};

/**
 * Changes a tree, copying each changed directory once. Only links take steps; the cost of a plain path is bounded by
 * its length.
 */
export class TreeEditor {
  readonly #tree: EditedTree;
  #root: Directory;
  /** New directories, which may be modified. */
  readonly #own = new Set<Directory>();
  readonly #hidden = new Set<string>();
  /** Caches the walk to the most recently used parent directory, up to the first link. */
  #way: ({ readonly parent: string; readonly names: readonly string[] } & ReturnType<typeof descend>) | undefined;
  /** Caches the directory that was most recently reached through links. */
  #followed: { readonly parent: string; readonly names: readonly string[] | undefined } | undefined;

  constructor(tree: EditedTree) {
    this.#tree = tree;
    this.#root = tree.root;
  }

  get root(): Directory {
    return this.#root;
  }

  /** Returns whether a node may be added at `path`: programs without other facts leave room for other nodes. */
  hasRoomFor(path: string, node: Node): boolean {
    if (!isPlainProgram(node)) return true;
    const segments = path.split('/').length;
    return this.#root.size.entries + segments <= this.#tree.limits.maxEntriesWithExecutables;
  }

  /** Removes the content of the directory at `path`, if the directory exists. */
  empty(path: string): void {
    const names = this.#namesOfDirectory(path);
    if (names === undefined) return;
    this.#way = undefined;
    const chain = this.#ownedChain(names);
    const directory = chain.at(-1) ?? this.#root;
    grow(chain, { entries: 0, characters: 0 }, { ...directory.size });
    directory.sorted = undefined;
    directory.children.clear();
  }

  remove(path: string): void {
    const { parent, name } = split(path);
    const names = this.#namesOfDirectory(parent);
    if (names !== undefined) this.#set(names, name, undefined);
  }

  /**
   * Removes the node that a member at `path` replaces. A path with a trailing slash belongs to a directory, which does
   * not replace a directory.
   */
  replace(path: string): void {
    const isDirectory = path.endsWith('/');
    const { parent, name } = split(isDirectory ? path.slice(0, -1) : path);
    // Members of the same directory are adjacent, so the walk to the directory is cached until the tree changes.
    if (this.#way?.parent !== parent) {
      const names = namesOf(parent);
      this.#way = { parent, names, ...descend(this.#root, names) };
    }
    const { names, directory, passed } = this.#way;
    const isThere = passed === names.length;
    const stop = isThere ? name : (names[passed] ?? '');
    const child = directory.children.get(stop);
    if (child === undefined) return;
    if (child.kind === 'symlink' && !isThere) this.#replaceBehindLink(parent, name, isDirectory);
    // A member below a file or link implies a new directory.
    else if (child.kind !== 'directory' || !isDirectory) this.#set(names.slice(0, passed), stop, undefined);
  }

  putDirectory(path: string): void {
    const { parent, name } = split(path);
    const names = this.#namesOfDirectory(parent);
    const child = names && this.#directoryAt(names)?.children.get(name);
    if (child?.kind !== 'directory') this.put(path, emptyDirectory());
  }

  /**
   * Puts a node at `path`, replacing any other node; creates missing directories above, even in place of other nodes.
   */
  put(path: string, node: Node): void {
    let names = namesOf(path);
    for (;;) {
      const { directory, passed } = descend(this.#root, names.slice(0, -1));
      const name = names[passed] ?? '';
      const isLink = passed < names.length - 1 && directory.children.get(name)?.kind === 'symlink';
      const end = isLink ? this.#walk(names.slice(0, passed + 1).join('/')) : undefined;
      if (end?.node?.kind !== 'directory') {
        // Create the missing directories first, so that each directory above them changes only once.
        const missing = names.slice(passed + 1).toReversed();
        this.#set(
          names.slice(0, passed),
          name,
          missing.reduce((below, each) => this.#directoryOf(each, below), this.#placed(node, names)),
        );
        return;
      }
      names = [...namesOf(end.path), ...names.slice(passed + 1)];
    }
  }

  /**
   * Returns the node that a hard link at `from` to `path` shares: the current node, or otherwise the node of the layers
   * below, because the archive may contain a whiteout of that node before or after the link. Returns undefined if there
   * is no node to share.
   */
  linked(path: string, from: string): Node | undefined {
    for (const root of this.#hidden.has(path) ? [this.#root] : [this.#root, this.#tree.root]) {
      const found = this.#nodeIn(root, path);
      if (found !== undefined) return movedNode(found.node, found.path, from);
    }
    return undefined;
  }

  /**
   * Puts the program at `target` in the layers below at `path`, too; does nothing if there is no program. Returns false
   * if there is no room for the link.
   */
  putProgramLink(path: string, target: string): boolean {
    const found = this.#nodeIn(this.#tree.root, target);
    if (found?.node.kind !== 'file' || found.node.byDetector === undefined) return true;
    const moved = movedNode(found.node, found.path, path);
    // Each link to a program has its own features and functions.
    const characters = this.#root.size.characters + nodeSize(moved).characters;
    if (characters > this.#tree.limits.maxCharacters / 2 || !this.hasRoomFor(path, moved)) return false;
    this.put(path, moved);
    return true;
  }

  /** Prevents hard links to `path` from sharing the node of the layers below. */
  hide(path: string): void {
    this.#hidden.add(path);
  }

  /** Returns the file, link or other node at `path`, with its real path; the directories in `path` may be links. */
  #nodeIn(
    root: Directory,
    path: string,
  ): { readonly node: Exclude<Node, Directory>; readonly path: string } | undefined {
    const { parent, name } = split(path);
    const names = namesOf(parent);
    const { directory, passed } = descend(root, names);
    const { node: above, path: real } =
      passed === names.length ? { node: directory, path: parent } : walk(root, parent, this.#tree);
    const node = above?.kind === 'directory' ? above.children.get(name) : undefined;
    if (node === undefined || node.kind === 'directory') return undefined;
    return { node, path: real === ROOT ? name : `${real}/${name}` };
  }

  #replaceBehindLink(parent: string, name: string, isDirectory: boolean): void {
    if (this.#followed?.parent !== parent) this.#followed = { parent, names: this.#namesOfDirectory(parent) };
    const { names } = this.#followed;
    const child = names && this.#directoryAt(names)?.children.get(name);
    if (names === undefined || child === undefined || (isDirectory && child.kind === 'directory')) return;
    this.#set(names, name, undefined);
  }

  /** Returns the real path of the directory at `path`; undefined when there is no directory. */
  #namesOfDirectory(path: string): readonly string[] | undefined {
    const names = namesOf(path);
    const { directory, passed } = descend(this.#root, names);
    if (passed === names.length) return names;
    if (directory.children.get(names[passed] ?? '')?.kind !== 'symlink') return undefined;
    const end = this.#walk(path);
    return end.node?.kind === 'directory' ? namesOf(end.path) : undefined;
  }

  #walk(path: string): Walk {
    const at = walk(this.#root, path, this.#tree);
    if (this.#tree.steps.left > 0) return at;
    const { maxSteps } = this.#tree.limits;
    throw new ClairError('bytes/limit-exceeded', `following the links of a layer takes more than ${maxSteps} steps`);
  }

  /**
   * Returns the node to put at the real path `names`, with the depth of the replaced node if this layer only repeats
   * that node.
   */
  #placed(node: Node, names: readonly string[]): Node {
    if (node.kind !== 'file' && node.kind !== 'symlink') return node;
    const { directory, passed } = descend(this.#tree.root, names.slice(0, -1));
    const replaced = passed === names.length - 1 ? directory.children.get(names[passed] ?? '') : undefined;
    const depth = replaced === undefined ? undefined : depthOfRepeated(node, replaced);
    return { ...node, depth: depth ?? this.#tree.layers };
  }

  #directoryAt(names: readonly string[]): Directory | undefined {
    const { directory, passed } = descend(this.#root, names);
    return passed === names.length ? directory : undefined;
  }

  #directoryOf(name: string, node: Node): Directory {
    const directory: Directory = { ...emptyDirectory(), children: new Map([[name, node]]), size: nodeSize(node) };
    this.#own.add(directory);
    return directory;
  }

  /** Sets or removes an entry of the existing directory at the real path `names`. */
  #set(names: readonly string[], name: string, node: Node | undefined): void {
    const before = this.#directoryAt(names)?.children.get(name);
    if (before === undefined && node === undefined) return;
    this.#way = undefined;
    const chain = this.#ownedChain(names);
    grow(chain, nodeSize(node), nodeSize(before));
    const directory = chain.at(-1) ?? this.#root;
    directory.sorted = undefined;
    if (node === undefined) directory.children.delete(name);
    else directory.children.set(name, node);
    if (node?.kind === 'directory') this.#own.add(node);
    this.#checkSize();
  }

  /** Returns the directories from the root to the directory at `names`, all modifiable. */
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
    const message =
      entries > maxEntries
        ? `detectors need more than ${maxEntries} files, directories and links of the image`
        : `the data that detectors need from the image exceeds ${maxCharacters} characters`;
    throw new ClairError('bytes/limit-exceeded', message);
  }
}

/** Returns the node of a hard link, with the features inside the target moved to `path`. */
function movedNode(node: Exclude<Node, Directory>, target: string, path: string): Node {
  if (node.kind !== 'file' || node.byDetector === undefined) return node;
  const moved = Object.entries(node.byDetector).map(([id, each]) => {
    return [id, linkedContents(each, target, path, node.depth)] as const;
  });
  return fileNode({ ...node, byDetector: Object.fromEntries(moved) });
}

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

/**
 * Walks along `names` while they are directories, following no link; returns the last directory, and the number of
 * names taken.
 */
function descend(
  root: Directory,
  names: readonly string[],
): { readonly directory: Directory; readonly passed: number } {
  let directory = root;
  for (const [at, name] of names.entries()) {
    const child = directory.children.get(name);
    if (child?.kind !== 'directory') return { directory, passed: at };
    directory = child;
  }
  return { directory, passed: names.length };
}

/** Returns whether a node is a program without other facts. */
function isPlainProgram(node: Node): boolean {
  return (
    node.kind === 'file' &&
    node.facts === undefined &&
    node.byDetector !== undefined &&
    isPlainExecutable(Object.values(node.byDetector))
  );
}
