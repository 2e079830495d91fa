import { digestAt, NO_FILE } from '../layer/digests/file-digests.ts';
import type { LayerContents, LayerEntry } from '../layer/layer-contents.ts';
import { LAYER_LIMITS } from '../layer/limits.ts';
import { ancestorsOf } from '../layer/patterns/pattern-index.ts';
import type { FileTree } from '../layer/tree/file-tree.ts';
import { trace, visitLinks } from '../layer/tree/file-tree.ts';
import { pathsOf } from '../layer/tree/path-list.ts';
import type { RelevantPaths } from './relevant-paths.ts';

/** The name of a placeholder for all irrelevant members of a directory; no member of an archive has this name. */
const INSIDE = '\0';

/** The maximum number of characters that a member takes in the layer's list: the longest path and its overhead. */
const LONGEST_MEMBER = 4200;

/**
 * Returns the part of a layer that decides whether files are in the image, as layer contents whose only facts are the
 * digests of files.
 *
 * @param below the tree of the layers below: members may be listed under a path with a link of these layers
 */
export function relevantContents(contents: LayerContents, relevant: RelevantPaths, below: FileTree): LayerContents {
  const isRelevant = aliasing(relevant, below);
  const entries: LayerEntry[] = [];
  let last: string | undefined;
  const add = (path: string, entry: LayerEntry): void => {
    const { isWhole, directory } = isRelevant(path);
    if (!isWhole && (directory === '' || directory === last)) return;
    last = isWhole ? undefined : directory;
    // Add a placeholder, because the directory may have no member of its own, and `directory` may be reached through a
    // link.
    entries.push(isWhole ? entry : { kind: 'other', path: `${directory}/${INSIDE}` });
  };
  const { fileDigests } = contents;
  let index = 0;
  for (const path of contents.others === undefined ? [] : pathsOf(contents.others)) {
    if (path.endsWith('/')) add(path.slice(0, -1), { kind: 'directory', path: path.slice(0, -1) });
    else add(path, withContent({ kind: 'other', path }, fileDigests?.others, index));
    index += 1;
  }
  for (const [at, entry] of contents.entries.entries()) {
    // Links determine where members of this layer and of layers above are.
    if (entry.kind !== 'symlink') add(entry.path, withContent(withoutFacts(entry), fileDigests?.entries, at));
    else {
      entries.push(entry);
      last = undefined;
    }
  }
  return {
    whiteouts: contents.whiteouts.filter((path) => isRelevant(path).isWhole),
    opaque: contents.opaque.filter((path) => path === '' || isRelevant(path).isWhole),
    entries,
    outside: 0,
  };
}

/** Returns whether the files of a layer were hashed, or the layer has no files. */
export function isHashed({ fileDigests, others, entries }: LayerContents): boolean {
  if (fileDigests !== undefined || entries.some(({ kind }) => kind !== 'directory' && kind !== 'symlink'))
    return fileDigests !== undefined;
  return others === undefined || [...pathsOf(others)].every((path) => path.endsWith('/'));
}

/** Returns whether a layer may have members that its contents do not list. */
export function isUnlisted({ others, absent, isPartial }: LayerContents): boolean {
  if (absent !== undefined || isPartial === true) return true;
  if (others === undefined) return false;
  // The list ends before the first path that does not fit.
  const characters = others.rests.reduce((sum, rest) => sum + rest.length + OVERHEAD, 0);
  return characters > LAYER_LIMITS.maxOtherCharacters - LONGEST_MEMBER;
}

/** The overhead of a path in the list, as in `createPathList`. */
const OVERHEAD = 6;

type Relevance = { readonly isWhole: boolean; readonly directory: string };

/**
 * Returns a function that determines whether a path, or the directory that a link in the path points to, is relevant. A
 * member that replaces a link, or a directory above a link, is relevant, because the member removes the link.
 */
function aliasing(relevant: RelevantPaths, below: FileTree): (path: string) => Relevance {
  const replaceable = new Set<string>();
  const aliases = new Map<string, string>();
  visitLinks(below, (path) => {
    for (const each of [path, ...ancestorsOf(path)]) replaceable.add(each);
    const { node, path: real } = trace(below, path);
    if (node?.kind === 'directory' && (real === '' || relevant.has(real))) aliases.set(path, real);
  });
  const plain = (path: string): Relevance => {
    const length = relevant.prefixOf(path);
    return { isWhole: length === path.length || replaceable.has(path), directory: path.slice(0, length) };
  };
  if (aliases.size === 0) return plain;
  return (path) => {
    const found = plain(path);
    if (found.isWhole) return found;
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const link = path.slice(0, slash);
      const real = aliases.get(link);
      if (real === undefined) continue;
      const { isWhole, directory } = plain(real === '' ? path.slice(slash + 1) : `${real}${path.slice(slash)}`);
      return { isWhole, directory: `${link}${directory.slice(real.length)}` };
    }
    return found;
  };
}

/** A member with a digest is a file. */
function withContent(entry: LayerEntry, digests: string | undefined, index: number): LayerEntry {
  const digest = digests === undefined ? NO_FILE : digestAt(digests, index);
  if (digest === NO_FILE || entry.kind === 'directory') return entry;
  return { kind: 'file', path: entry.path, facts: { content: `sha256:${digest}`, diagnostics: [] } };
}

/** A hard link is treated as a file, regardless of its target. */
function withoutFacts(entry: LayerEntry): LayerEntry {
  if (entry.kind === 'file') return { kind: 'file', path: entry.path };
  return entry.kind === 'hardlink' ? { kind: 'file', path: entry.path } : entry;
}
