import {
  type FilePredicate,
  type SeenState,
  UNHASHED_STATE,
  UNKNOWN_STATE,
} from '../../model/advisories/watched-file.ts';
import { NOT_HASHED, shortDigest } from '../layer/digests/file-digests.ts';
import { parentOf } from '../layer/patterns/pattern-index.ts';
import { type FileTree, isExhausted, trace } from '../layer/tree/file-tree.ts';
import type { Node } from '../layer/tree/tree-nodes.ts';

/** The reasons why the states of an image's files may be unknown. */
export type SightGaps = {
  /** Whether a layer may have members that are not listed. */
  readonly isCut: boolean;
  /** Whether the files of a layer were not hashed. */
  readonly isUnhashed: boolean;
  /** Whether a single file was not hashed although its layer was hashed. */
  readonly isUncertain: boolean;
};

/** The state of a file, and the real path that determines the state, if known. */
export type DecidedState = { readonly state: SeenState; readonly real: string | undefined };

/** Returns `present` if a path exists. A link in the last name is not followed, so a dangling link is present. */
export function lookedUp(tree: FileTree, path: string): DecidedState {
  const directory = parentOf(path);
  const name = path.slice(directory === '' ? 0 : directory.length + 1);
  const { node, path: at, rest } = trace(tree, directory);
  if (isExhausted(tree)) return { state: UNKNOWN_STATE, real: undefined };
  const real = [at, ...rest, name].filter((each) => each !== '').join('/');
  if (node?.kind === 'directory') return { state: node.children.has(name) ? 'present' : 'absent', real };
  const end = node === undefined ? parentOf(at) : at;
  const kind = (node ?? trace(tree, end).node)?.kind;
  // A member of unknown kind may be a link to a directory, and a loop of links has no target.
  return kind === 'other' || kind === 'symlink' ? { state: UNKNOWN_STATE, real: end } : { state: 'absent', real };
}

/**
 * Returns `present` if the file at a path has the given content or, if `isEqual` is false, other content; follows a
 * link in the last name.
 */
export function contentState(
  tree: FileTree,
  path: string,
  { digest, isEqual }: NonNullable<FilePredicate['content']>,
  { isCut, isUnhashed }: SightGaps,
): DecidedState {
  const { node, path: at, rest } = trace(tree, path);
  if (isExhausted(tree)) return { state: UNKNOWN_STATE, real: undefined };
  const real = [at, ...rest].filter((each) => each !== '').join('/');
  // A dangling link and a directory have no content.
  if (node === undefined) return { state: isCut ? UNKNOWN_STATE : 'absent', real };
  if (node.kind === 'directory') return { state: 'absent', real };
  const content = contentOf(node);
  if (content === NOT_HASHED || node.kind === 'symlink') return { state: UNKNOWN_STATE, real };
  if (content === undefined) return { state: isUnhashed ? UNHASHED_STATE : UNKNOWN_STATE, real };
  return { state: (content === shortDigest(digest)) === isEqual ? 'present' : 'absent', real };
}

/**
 * Returns the digest of a file in a file tree, in the form of the list of file digests; undefined for other nodes, and
 * for a file without a digest.
 */
export function contentOf(node: Node): string | undefined {
  return node.kind === 'file' ? node.facts?.content?.slice('sha256:'.length) : undefined;
}
