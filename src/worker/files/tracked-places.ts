import { NO_FILE } from '../layer/digests/file-digests.ts';
import type { FileTree } from '../layer/tree/file-tree.ts';
import type { Node } from '../layer/tree/tree-nodes.ts';
import { contentOf, lookedUp } from './file-states.ts';
import { type FoundFiles, MAX_PLACES, type TrackedFiles } from './tracked-files.ts';

/** The places of the tracked files of an image. */
export type TrackedPlaces = {
  /** Real paths, by the name of the file. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  /** The names of files that may be in additional places. */
  readonly many: ReadonlySet<string>;
};

export const NO_PLACES: TrackedPlaces = { places: new Map(), many: new Set() };

/** Returns the places that remain after a layer, and the new places in the layer. */
export function trackedPlaces(
  below: TrackedPlaces,
  found: FoundFiles,
  tree: FileTree,
  tracked: TrackedFiles,
): TrackedPlaces {
  if (found.places.length === 0 && below.places.size === 0 && found.many.size === 0) return below;
  const candidates = new Set([...below.places.values()].flat());
  // The layer may have replaced a link in the path of the member.
  for (const { member, real } of found.places) candidates.add(real).add(lookedUp(tree, member).real ?? real);
  const places = new Map<string, string[]>();
  const many = new Set([...below.many, ...found.many]);
  for (const path of candidates) {
    const node = nodeAt(tree, path);
    if (node === undefined) continue;
    for (const name of tracked.namesOf(path, contentOf(node) ?? NO_FILE)) {
      const known = places.get(name) ?? [];
      if (known.length < MAX_PLACES) places.set(name, [...known, path]);
      else many.add(name);
    }
  }
  return { places, many };
}

function nodeAt(tree: FileTree, path: string): Node | undefined {
  let node: Node | undefined = tree.root;
  for (const name of path.split('/')) node = node?.kind === 'directory' ? node.children.get(name) : undefined;
  return node;
}
