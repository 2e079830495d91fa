import type { FileFacts } from '../../detectors/detector.ts';

/** The size of a subtree: its entries, and the characters of their names, link targets and facts. */
export type TreeSize = { entries: number; characters: number };

/** A directory with its entries; only whoever made it changes it. */
export type Directory = {
  readonly kind: 'directory';
  readonly children: Map<string, Node>;
  /** Of all that is below. */
  readonly size: TreeSize;
  /** The names of the entries in order, once somebody asked for them. */
  sorted: readonly string[] | undefined;
};

/** A wanted file with what detectors read from it, as in `LayerEntry`. */
export type FileNode = {
  readonly kind: 'file';
  readonly facts?: FileFacts;
  readonly byDetector?: Readonly<Record<string, FileFacts>>;
  readonly characters: number;
};

/** What may stand at a path. */
export type Node =
  | Directory
  | FileNode
  | { readonly kind: 'symlink'; readonly target: string }
  /** A hard link to a path of the image at which nothing is known. */
  | { readonly kind: 'hardlink'; readonly target: string }
  | { readonly kind: 'other' };

/** What an entry takes beside its texts. */
const ENTRY_CHARACTERS = 64;

/** Makes the node of a file. */
export function fileNode({ facts, byDetector }: Omit<FileNode, 'kind' | 'characters'>): FileNode {
  const characters = [facts, byDetector].reduce((sum, each) => sum + (each === undefined ? 0 : charactersOf(each)), 0);
  return { kind: 'file', ...(facts && { facts }), ...(byDetector && { byDetector }), characters };
}

export function emptyDirectory(): Directory {
  return { kind: 'directory', children: new Map(), size: { entries: 0, characters: 0 }, sorted: undefined };
}

/** Gives the size of a node with all that is below it; nothing has none. */
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

/** The names of a directory's entries, in order; sorted once for each version of the directory. */
export function sortedNames(directory: Directory): readonly string[] {
  directory.sorted ??= [...directory.children.keys()].toSorted();
  return directory.sorted;
}

/** About as many characters as the value has as JSON, counted without making it. */
export function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 2;
  for (const [name, each] of Object.entries(value)) sum += name.length + charactersOf(each);
  return sum;
}
