import type { Detector } from '../detectors/detector.ts';
import { type FixedPattern, patternText, placeOf } from '../detectors/path-pattern.ts';
import { detectorsOfPath, indexPatterns, parentOf, type PatternIndex } from './patterns/pattern-index.ts';

export type LinkTarget = {
  /** The real path, or the real directory of wanted files. */
  readonly wants: FixedPattern;
  readonly detector: string;
  /** The path or directory that identifies the target for the detector. */
  readonly as: string;
};

/**
 * The maximum number of targets of an image. A package manager that installs packages as hard links to its store may
 * exceed this number; the other links then result in a diagnostic.
 */
export const MAX_LINK_TARGETS = 10_000;

/**
 * The maximum number of readings of layers for links to links. Linux follows at most 40 links in a path, and real
 * images have at most 3.
 */
export const MAX_PASSES = 8;

/** Adds detectors that read each target as if it were at the link's path. */
export function withTargets(detectors: readonly Detector[], targets: readonly LinkTarget[]): readonly Detector[] {
  const byId = new Map(detectors.map((detector) => [detector.id, detector]));
  const added = targets.flatMap((target): readonly Detector[] => {
    const detector = byId.get(target.detector);
    if (detector === undefined) return [];
    const { read, readChunks } = detector;
    const atTarget: Detector = {
      ...detector,
      wants: [target.wants],
      read: (path, bytes) => read(knownAs(target, path), bytes),
      ...(readChunks && { readChunks: (path, bytes) => readChunks(knownAs(target, path), bytes) }),
    };
    return [atTarget];
  });
  return [...detectors, ...added];
}

/** Indexes the patterns of detectors and link targets. */
export function indexTargets(detectors: readonly Detector[], targets: readonly LinkTarget[]): PatternIndex {
  return indexPatterns(withTargets(detectors, targets));
}

/** Returns whether reading a layer with this index covers a target. */
export function isCovered({ wants, detector }: Omit<LinkTarget, 'as'>, index: PatternIndex): boolean {
  if (wants.kind === 'exact') return detectorsOfPath(wants.path, index).some(({ id }) => id === detector);
  const { directory, suffix: wanted = '' } = wants;
  const readers = index.directories.get(directory) ?? [];
  return readers.some(({ detector: { id }, suffix }) => id === detector && wanted.endsWith(suffix));
}

/** Returns the path that identifies a path of the image, such as a link target, for a detector. */
export type KnownPath = (detector: string, path: string) => string;

/** Indexes targets by their paths; the first target of a path is used. */
export function knownPaths(targets: readonly LinkTarget[]): KnownPath {
  const byPlace = new Map<string, { readonly target: LinkTarget; readonly at: number }[]>();
  for (const [at, target] of targets.entries()) {
    const key = placeKey(target.detector, placeOf(target.wants));
    const others = byPlace.get(key);
    if (others === undefined) byPlace.set(key, [{ target, at }]);
    else others.push({ target, at });
  }
  return (detector, path) => {
    const exact = byPlace.get(placeKey(detector, path))?.find(({ target }) => target.wants.kind === 'exact');
    const child = byPlace.get(placeKey(detector, parentOf(path)))?.find(({ target: { wants } }) => {
      return wants.kind === 'children' && path.endsWith(wants.suffix ?? '');
    });
    const first = exact === undefined || (child !== undefined && child.at < exact.at) ? child : exact;
    return first === undefined ? path : knownAs(first.target, path);
  };
}

function placeKey(detector: string, place: string): string {
  return `${detector}\n${place}`;
}

/** Merges lists of targets without duplicates, in a deterministic order, and returns at most `MAX_LINK_TARGETS`. */
export function unitedTargets(...lists: readonly (readonly LinkTarget[])[]): readonly LinkTarget[] {
  const byKey = new Map<string, LinkTarget>();
  for (const target of lists.flat()) {
    const key = `${patternText(target.wants)}\n${target.detector}`;
    if (!byKey.has(key)) byKey.set(key, target);
  }
  const inOrder = [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.slice(0, MAX_LINK_TARGETS).map(([, target]) => target);
}

/** Returns whether two lists from {@link unitedTargets} are equal. */
export function areSameTargets(one: readonly LinkTarget[], other: readonly LinkTarget[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function knownAs({ wants, as }: LinkTarget, path: string): string {
  return wants.kind === 'exact' ? as : `${as}/${path.slice(path.lastIndexOf('/') + 1)}`;
}
