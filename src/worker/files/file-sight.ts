import { ClairError } from '../../errors.ts';
import { type FileState, UNKNOWN_STATE, type WatchedFile } from '../../model/advisories/file-rule.ts';
import { ancestorsOf, parentOf } from '../layer/patterns/pattern-index.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { emptyTree, type FileTree, isExhausted, layOver, trace } from '../layer/tree/file-tree.ts';
import { isUnlisted, relevantContents } from './relevant-contents.ts';
import { type RelevantPaths, relevantPaths } from './relevant-paths.ts';

/** The state of a file, as far as the layers show it. */
export type SeenState = FileState | typeof UNKNOWN_STATE;

/** The states of files in the image up to a layer. */
export type FileSight = {
  readonly tree: FileTree;
  readonly relevant: RelevantPaths;
  /** The states by path. */
  readonly states: ReadonlyMap<string, SeenState>;
  /** The files that an incompletely listed layer may have added. */
  readonly doubted: ReadonlySet<string>;
};

/** The relevant paths of a chain, beyond which links of hostile images are not followed. */
const MAX_RELEVANT_PATHS = 100_000;

/** Returns the sight below the base layer. */
export function initialSight(files: readonly WatchedFile[]): FileSight {
  const relevant = relevantPaths(files.map(({ name }) => name));
  const states = new Map(files.map(({ name }) => [name, 'absent' as const]));
  return { tree: emptyTree(), relevant, states, doubted: new Set() };
}

/**
 * Applies a layer to a sight without modifying it. Returns more relevant paths instead if links of the image lead to paths
 * that were not relevant before; all layers must then be applied again.
 *
 * @param isLast whether the states of files behind such links are unknown instead
 */
export function nextSight(below: FileSight, contents: LayerContents, isLast = false): FileSight | RelevantPaths {
  const { relevant } = below;
  const layer = relevantContents(contents, relevant, below.tree);
  const tree = laidOver(below.tree, layer);
  if (tree === undefined) return doubtful(below);
  const isCut = isUnlisted(contents);
  if (tree.root === below.tree.root && !isCut && below.doubted.size === 0) return { ...below, tree };
  const hidden = new Set([...layer.whiteouts, ...layer.opaque]);
  const states = new Map<string, SeenState>();
  const doubted = new Set<string>();
  const missing: string[] = [];
  let isSame = true;
  for (const [path, before] of below.states) {
    const { state: seen, real } = lookedUp(tree, path);
    const isBeyond = real !== undefined && !relevant.has(real);
    if (isBeyond) missing.push(real);
    const isDoubted = seen === 'absent' && (isCut || (below.doubted.has(path) && !isHidden(path, hidden)));
    if (isDoubted) doubted.add(path);
    const state = isDoubted || isBeyond ? UNKNOWN_STATE : seen;
    states.set(path, state);
    isSame &&= state === before;
  }
  if (missing.length > 0 && !isLast && relevant.size < MAX_RELEVANT_PATHS) return relevant.with(missing);
  return { tree, relevant, states: isSame ? below.states : states, doubted };
}

/** Returns undefined when the links and members exceed the limits of trees. */
function laidOver(below: FileTree, layer: LayerContents): FileTree | undefined {
  try {
    return layOver(below, layer);
  } catch (error) {
    if (error instanceof ClairError && error.code === 'bytes/limit-exceeded') return undefined;
    throw error;
  }
}

function doubtful(below: FileSight): FileSight {
  const names = [...below.states.keys()];
  return { ...below, states: new Map(names.map((name) => [name, UNKNOWN_STATE])), doubted: new Set(names) };
}

/** The state of a path, and the real path that decides it, if it is known. The last name is not followed: a dangling link is present. */
function lookedUp(tree: FileTree, path: string): { readonly state: SeenState; readonly real: string | undefined } {
  const directory = parentOf(path);
  const name = path.slice(directory === '' ? 0 : directory.length + 1);
  const { node, path: at, rest } = trace(tree, directory);
  if (isExhausted(tree)) return { state: UNKNOWN_STATE, real: undefined };
  const real = [at, ...rest, name].filter((each) => each !== '').join('/');
  if (node?.kind === 'directory') return { state: node.children.has(name) ? 'present' : 'absent', real };
  const end = node === undefined ? parentOf(at) : at;
  const kind = (node ?? trace(tree, end).node)?.kind;
  // A member of unknown kind may be a link to a directory; a loop of links has no end.
  return kind === 'other' || kind === 'symlink' ? { state: UNKNOWN_STATE, real: end } : { state: 'absent', real };
}

function isHidden(path: string, hidden: ReadonlySet<string>): boolean {
  return hidden.has('') || hidden.has(path) || ancestorsOf(path).some((each) => hidden.has(each));
}
