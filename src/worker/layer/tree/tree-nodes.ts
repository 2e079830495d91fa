import { isDeepStrictEqual } from 'node:util';
import { dependsOnLayer, type FileFacts } from '../../detectors/detector.ts';

/** The size of a subtree: the number of its entries, and the approximate number of their characters. */
export type TreeSize = { entries: number; characters: number };

/** A directory with its entries, which only the `TreeEditor` that created the directory modifies. */
export type Directory = {
  readonly kind: 'directory';
  readonly children: Map<string, Node>;
  readonly size: TreeSize;
  sorted: readonly string[] | undefined;
};

export type FileNode = {
  readonly kind: 'file';
  readonly facts?: FileFacts;
  readonly byDetector?: Readonly<Record<string, FileFacts>>;
  /**
   * The index of the layer that added the file, or that most recently replaced the file with a different file
   * ({@link depthOfRepeated}).
   */
  readonly depth: number;
  readonly characters: number;
};

export type Node =
  | Directory
  | FileNode
  /** `depth` is the index of the layer that added the link or changed its target. */
  | { readonly kind: 'symlink'; readonly target: string; readonly depth: number }
  /** A hard link to an unknown file. */
  | { readonly kind: 'hardlink'; readonly target: string }
  | { readonly kind: 'other' };

/** The characters that count for every entry, in addition to its link target or facts. */
const ENTRY_CHARACTERS = 64;

/** Creates the node of a file with its approximate size in characters. */
export function fileNode({ facts, byDetector, depth }: Omit<FileNode, 'kind' | 'characters'>): FileNode {
  const characters = [facts, byDetector].reduce((sum, each) => sum + (each === undefined ? 0 : charactersOf(each)), 0);
  return { kind: 'file', ...(facts && { facts }), ...(byDetector && { byDetector }), depth, characters };
}

/**
 * Returns the depth of a node that a layer only repeats, such as a file with another owner, mode or time; undefined if
 * the layer replaces the node with a different node. Only digests show that two files are equal: another build of a
 * library has the same features. A program without features has the digest of its first bytes. Files whose facts do not
 * depend on the layer, and files that are too large for memory, have no digest.
 */
export function depthOfRepeated(node: Node, below: Node): number | undefined {
  if (node.kind === 'symlink' && below.kind === 'symlink')
    return node.target === below.target ? below.depth : undefined;
  if (node.kind !== 'file' || below.kind !== 'file' || node.byDetector === undefined) return undefined;
  const all = Object.values(node.byDetector);
  const dependent = all.filter((facts) => dependsOnLayer(facts));
  const hasDigest = dependent.length > 0 || all.some(({ executable }) => executable !== undefined);
  const isKnown = hasDigest && dependent.every(({ content }) => content !== undefined);
  return isKnown && isDeepStrictEqual(node.byDetector, below.byDetector) ? below.depth : undefined;
}

/** Creates a directory without entries. */
export function emptyDirectory(): Directory {
  return { kind: 'directory', children: new Map(), size: { entries: 0, characters: 0 }, sorted: undefined };
}

/** Returns the size of a node with its subtree; zero for no node. */
export function nodeSize(node: Node | undefined): TreeSize {
  if (node === undefined) return { entries: 0, characters: 0 };
  if (node.kind === 'directory') {
    return { entries: node.size.entries + 1, characters: node.size.characters + ENTRY_CHARACTERS };
  }
  return { entries: 1, characters: ENTRY_CHARACTERS + textLength(node) };
}

function textLength(node: Exclude<Node, Directory>): number {
  if (node.kind === 'file') return node.characters;
  return node.kind === 'other' ? 0 : node.target.length;
}

/** Returns the sorted names of a directory's entries; sorts once for each version of the directory. */
export function sortedNames(directory: Directory): readonly string[] {
  directory.sorted ??= [...directory.children.keys()].toSorted();
  return directory.sorted;
}

/** Returns the approximate JSON length of a value without serialising it. */
export function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 2;
  if (Array.isArray(value)) for (const each of value) sum += 1 + charactersOf(each);
  else for (const [name, each] of Object.entries(value)) sum += name.length + charactersOf(each);
  return sum;
}
