import type { FilePredicate } from '../../model/advisories/watched-file.ts';
import { createPathTest } from '../detectors/libraries/programs/name-test.ts';
import { digestAt, NO_FILE, NOT_HASHED, shortDigest } from '../layer/digests/file-digests.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { parentOf } from '../layer/patterns/pattern-index.ts';
import { type FileTree, trace, visitLinks } from '../layer/tree/file-tree.ts';
import { pathsOf } from '../layer/tree/path-list.ts';

/**
 * Files whose places must be found in the layers: files with a digest in any directory, and files at the paths of a
 * pattern.
 */
export type TrackedFiles = {
  readonly isEmpty: boolean;
  /** Returns the names of the tracked files that a member matches by its real path and the text of its digest. */
  readonly namesOf: (path: string, digest: string) => readonly string[];
  /** Returns whether a digest belongs to one of the files; this check excludes most members. */
  readonly hasDigest: (digest: string) => boolean;
  readonly hasPatterns: boolean;
};

type Tracked = { readonly name: string; readonly isAt: (path: string) => boolean };

const ANYWHERE = (): boolean => true;

/** Indexes the files whose places must be found in the layers. */
export function trackedFiles(files: readonly (FilePredicate & { readonly name: string })[]): TrackedFiles {
  const byDigest = new Map<string, Tracked[]>();
  const patterns: Tracked[] = [];
  for (const { name, path, content } of files) {
    const tracked = { name, isAt: path === undefined ? ANYWHERE : createPathTest([path]) };
    if (content === undefined) patterns.push(tracked);
    else {
      const digest = shortDigest(content.digest);
      byDigest.set(digest, [...(byDigest.get(digest) ?? []), tracked]);
    }
  }
  return {
    isEmpty: files.length === 0,
    hasPatterns: patterns.length > 0,
    hasDigest: (digest) => byDigest.has(digest),
    namesOf: (path, digest) =>
      [...(byDigest.get(digest) ?? []), ...patterns].filter(({ isAt }) => isAt(path)).map(({ name }) => name),
  };
}

/** The places of tracked files in one layer. */
export type FoundFiles = {
  /** The paths of the members, and their real paths. */
  readonly places: readonly FoundPlace[];
  /** The names of files with unlisted places, beyond {@link MAX_PLACES} or the limit of a layer. */
  readonly many: ReadonlySet<string>;
  /** Whether a file of the layer has an unknown digest. */
  readonly isUncertain: boolean;
};

/** The maximum number of places of a tracked file in an image. */
export const MAX_PLACES = 100;

/** The maximum number of places of all tracked files in a layer. */
const MAX_PLACES_OF_LAYER = 20_000;

export type FoundPlace = { readonly member: string; readonly real: string };

/**
 * Finds tracked files in a layer.
 *
 * @param below the tree of the layers below; the paths of members may lead through links in this tree
 */
export function findTracked(contents: LayerContents, tracked: TrackedFiles, below: FileTree): FoundFiles {
  const { fileDigests, others, entries } = contents;
  const places = new Map<string, string>();
  const directories = new Set<string>();
  const realOf = realPaths(below);
  const counts = new Map<string, number>();
  const many = new Set<string>();
  let isUncertain = false;
  const hasRoom = (name: string): boolean => {
    const count = counts.get(name) ?? 0;
    if (count < MAX_PLACES && places.size < MAX_PLACES_OF_LAYER) {
      counts.set(name, count + 1);
      return true;
    }
    many.add(name);
    return false;
  };
  const look = (path: string, digest: string): void => {
    isUncertain ||= digest === NOT_HASHED;
    if (!tracked.hasPatterns && !tracked.hasDigest(digest)) return;
    const real = realOf(path);
    if (tracked.namesOf(real, digest).filter(hasRoom).length > 0) places.set(path, real);
  };
  // A directory need not have a member of its own.
  const lookAbove = (path: string): void => {
    for (let above = parentOf(path); above !== '' && !directories.has(above); above = parentOf(above)) {
      directories.add(above);
      look(above, NO_FILE);
    }
  };
  let index = 0;
  for (const path of others === undefined ? [] : pathsOf(others)) {
    look(path.endsWith('/') ? path.slice(0, -1) : path, digestAt(fileDigests?.others ?? '', index));
    if (tracked.hasPatterns) lookAbove(path);
    index += 1;
  }
  for (const [at, { path }] of entries.entries()) {
    look(path, digestAt(fileDigests?.entries ?? '', at));
    if (tracked.hasPatterns) lookAbove(path);
  }
  return { places: [...places].map(([member, real]) => ({ member, real })), many, isUncertain };
}

/**
 * Returns a function that follows the links of directories in a path, and caches the most recent directory, because
 * members of the same directory are adjacent.
 */
function realPaths(below: FileTree): (path: string) => string {
  const links = new Set<string>();
  visitLinks(below, (path) => void links.add(path));
  if (links.size === 0) return (path) => path;
  let last = '';
  let lastReal = '';
  return (path) => {
    const directory = parentOf(path);
    if (directory !== last) {
      last = directory;
      lastReal = isBelowLink(directory, links) ? realDirectory(below, directory) : directory;
    }
    const name = path.slice(directory === '' ? 0 : directory.length + 1);
    return lastReal === '' ? name : `${lastReal}/${name}`;
  };
}

function isBelowLink(directory: string, links: ReadonlySet<string>): boolean {
  for (let at = directory; at !== ''; at = parentOf(at)) if (links.has(at)) return true;
  return false;
}

function realDirectory(tree: FileTree, directory: string): string {
  const { path, rest } = trace(tree, directory);
  return [path, ...rest].filter((name) => name !== '').join('/');
}
