import { ClairError } from '../../errors.ts';
import {
  type FilePredicate,
  filePredicate,
  isPattern,
  type SeenState,
  UNHASHED_STATE,
  UNKNOWN_STATE,
  type WatchedFile,
} from '../../model/advisories/watched-file.ts';
import { isHashed, isUnlisted, relevantContents } from './relevant-contents.ts';
import { type RelevantPaths, relevantPaths } from './relevant-paths.ts';
import { ancestorsOf, parentOf } from '../layer/patterns/pattern-index.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { emptyTree, type FileTree, layOver } from '../layer/tree/file-tree.ts';
import { contentState, lookedUp, type SightGaps } from './file-states.ts';
import { findTracked, type FoundFiles, type TrackedFiles, trackedFiles } from './tracked-files.ts';
import { NO_PLACES, type TrackedPlaces, trackedPlaces } from './tracked-places.ts';

/** The states of files in the image up to a layer. */
export type FileSight = {
  readonly tree: FileTree;
  readonly relevant: RelevantPaths;
  readonly watched: WatchedPredicates;
  /** The state of each file, by the name of the file. */
  readonly states: ReadonlyMap<string, SeenState>;
  /** The files that a layer with an incomplete list of members may have added at their paths. */
  readonly doubted: ReadonlySet<string>;
  readonly places: TrackedPlaces;
  /** The reasons why the states of files in any directory may be unknown. */
  readonly gaps: SightGaps;
};

type NamedPredicate = FilePredicate & { readonly name: string };

type WatchedPredicates = {
  readonly atPaths: readonly (NamedPredicate & { readonly path: string })[];
  readonly anywhere: readonly NamedPredicate[];
  /** The paths of `atPaths`, by name. */
  readonly paths: ReadonlyMap<string, string>;
  readonly tracked: TrackedFiles;
};

/**
 * The maximum number of relevant paths of a chain. Beyond this number, which only hostile images reach, links are not
 * followed.
 */
const MAX_RELEVANT_PATHS = 100_000;

/** Returns the file states below the base layer. */
export function initialSight(files: readonly WatchedFile[]): FileSight {
  const names = [...new Set(files.map(({ name }) => name))];
  const atPaths: (NamedPredicate & { readonly path: string })[] = [];
  const anywhere: NamedPredicate[] = [];
  for (const name of names) {
    const { path, content } = filePredicate(name);
    if (path === undefined || isPattern(path)) anywhere.push({ name, path, content });
    else atPaths.push({ name, path, content });
  }
  return {
    tree: emptyTree(),
    relevant: relevantPaths(atPaths.map(({ path }) => path)),
    watched: {
      atPaths,
      anywhere,
      paths: new Map(atPaths.map(({ name, path }) => [name, path])),
      tracked: trackedFiles(anywhere),
    },
    states: new Map(names.map((name) => [name, 'absent' as const])),
    doubted: new Set(),
    places: NO_PLACES,
    gaps: { isCut: false, isUnhashed: false, isUncertain: false },
  };
}

/**
 * Applies a layer to the file states below the layer, without modifying them. If links of the image lead to paths that
 * were not relevant before, returns the relevant paths with these additions instead; all layers must then be applied
 * again.
 *
 * @param isLast if true, never requests additional paths; the states of files at such paths are unknown
 */
export function nextSight(below: FileSight, contents: LayerContents, isLast = false): FileSight | RelevantPaths {
  const { watched } = below;
  const found = foundIn(contents, below);
  const behindLinks = (found?.places ?? [])
    .filter(({ member, real }) => member !== real)
    .map(({ real }) => parentOf(real))
    .filter((directory) => directory !== '' && !below.relevant.has(directory));
  // The tree must contain a directory before a link to the directory can be followed.
  if (behindLinks.length > 0 && !isLast && below.relevant.size < MAX_RELEVANT_PATHS)
    return below.relevant.with(behindLinks);
  const more = found?.places.flatMap(({ member, real }) => [member, real]).filter((path) => !below.relevant.has(path));
  const relevant = more === undefined || more.length === 0 ? below.relevant : below.relevant.with(more);
  const layer = relevantContents(contents, relevant, below.tree);
  const tree = laidOver(below.tree, layer);
  if (tree === undefined) return doubtful(below);
  const isCut = isUnlisted(contents);
  const gaps = nextGaps(below.gaps, contents, found?.isUncertain === true);
  const isSame = tree.root === below.tree.root && !isCut && below.doubted.size === 0;
  if (isSame && areSame(gaps, below.gaps) && found === undefined) return { ...below, tree };
  const hidden = new Set([...layer.whiteouts, ...layer.opaque]);
  const states = new Map<string, SeenState>();
  const doubted = new Set<string>();
  const missing: string[] = [];
  for (const { name, path, content } of watched.atPaths) {
    const at = lookedUp(tree, path);
    const isDoubted = at.state === 'absent' && (isCut || (below.doubted.has(name) && !isHidden(path, hidden)));
    if (isDoubted) doubted.add(name);
    const { state, real } =
      at.state === 'present' && content !== undefined ? contentState(tree, path, content, gaps) : at;
    const isBeyond = real !== undefined && !relevant.has(real);
    if (isBeyond) missing.push(real);
    states.set(name, isDoubted || isBeyond ? UNKNOWN_STATE : state);
  }
  if (missing.length > 0 && !isLast && relevant.size < MAX_RELEVANT_PATHS) return relevant.with(missing);
  const places = found === undefined ? below.places : trackedPlaces(below.places, found, tree, watched.tracked);
  for (const { name, content } of watched.anywhere) {
    const isThere = (places.places.get(name)?.length ?? 0) > 0;
    states.set(name, isThere ? 'present' : absentState(content !== undefined, places.many.has(name), gaps));
  }
  const areEqual = [...states].every(([name, state]) => state === below.states.get(name));
  return { tree, relevant, watched, states: areEqual ? below.states : states, doubted, places, gaps };
}

function foundIn(contents: LayerContents, { watched, tree, relevant }: FileSight): FoundFiles | undefined {
  if (watched.tracked.isEmpty) return undefined;
  const found = findTracked(contents, watched.tracked, tree);
  if (relevant.size + found.places.length < MAX_RELEVANT_PATHS) return found;
  return { ...found, places: [], many: new Set(watched.anywhere.map(({ name }) => name)) };
}

function absentState(hasContent: boolean, isMany: boolean, { isCut, isUnhashed, isUncertain }: SightGaps): SeenState {
  if (isMany || isCut || (hasContent && isUncertain)) return UNKNOWN_STATE;
  return hasContent && isUnhashed ? UNHASHED_STATE : 'absent';
}

function nextGaps(below: SightGaps, contents: LayerContents, isUncertain: boolean): SightGaps {
  // A layer whose root is opaque hides everything below.
  const { isCut, isUnhashed, isUncertain: wasUncertain } = contents.opaque.includes('') ? NO_GAPS : below;
  return {
    isCut: isCut || isUnlisted(contents),
    isUnhashed: isUnhashed || !isHashed(contents),
    isUncertain: wasUncertain || isUncertain,
  };
}

const NO_GAPS: SightGaps = { isCut: false, isUnhashed: false, isUncertain: false };

function areSame(one: SightGaps, other: SightGaps): boolean {
  return one.isCut === other.isCut && one.isUnhashed === other.isUnhashed && one.isUncertain === other.isUncertain;
}

/** Returns the file tree after a layer; undefined if its links and members exceed the limits of a tree. */
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
  const gaps = { isCut: true, isUnhashed: true, isUncertain: true };
  return { ...below, states: new Map(names.map((name) => [name, UNKNOWN_STATE])), doubted: new Set(names), gaps };
}

function isHidden(path: string, hidden: ReadonlySet<string>): boolean {
  return hidden.has('') || hidden.has(path) || ancestorsOf(path).some((each) => hidden.has(each));
}
