import type { Detector } from '../detectors/detector.ts';
import { indexWantedPaths, parentOf, roleOfPath, type WantedPaths } from './wanted-paths.ts';

/** A path that a link of an image leads to, and what is wanted there. */
export type LinkTarget = {
  /** From the root and without links; a last segment `*` stands for every file directly in the directory. */
  readonly path: string;
  /** The id of the detector that wants it. */
  readonly detector: string;
  /** The path by which that detector knows it; ends in `*` where `path` does. */
  readonly as: string;
};

/** How many targets are read for one image; the links of honest images lead to a few. */
export const MAX_LINK_TARGETS = 1000;

/** How often the layers of an image are read again for links that lead to links; Linux follows 40, honest images have 3. */
export const MAX_PASSES = 8;

/** The end of a path that stands for every file directly in a directory. */
export const EVERY_FILE = '/*';

/** Gives the detectors with what links add to their paths: each target is read as if it stood where the link stands. */
export function withTargets(detectors: readonly Detector[], targets: readonly LinkTarget[]): readonly Detector[] {
  const byId = new Map(detectors.map((detector) => [detector.id, detector]));
  const added = targets.flatMap((target): readonly Detector[] => {
    const detector = byId.get(target.detector);
    if (detector === undefined) return [];
    return [{ ...detector, paths: [target.path], read: (path, bytes) => detector.read(knownAs(target, path), bytes) }];
  });
  return [...detectors, ...added];
}

/** Indexes the paths of detectors together with those that links lead to. */
export function indexTargets(detectors: readonly Detector[], targets: readonly LinkTarget[]): WantedPaths {
  return indexWantedPaths(withTargets(detectors, targets));
}

/** Tells whether layers are read for what `target` wants. */
export function isCovered({ path, detector }: Omit<LinkTarget, 'as'>, wanted: WantedPaths): boolean {
  const readers = path.endsWith(EVERY_FILE)
    ? (wanted.directories.get(path.slice(0, -EVERY_FILE.length)) ?? [])
    : (roleOfPath(path, wanted)?.detectors ?? []);
  return readers.some(({ id }) => id === detector);
}

/** The path by which a detector knows a path of the image, which may itself be what a link leads to. */
export function knownPath(detector: string, path: string, targets: readonly LinkTarget[]): string {
  const target = targets.find(
    (each) => each.detector === detector && (each.path === path || each.path === `${parentOf(path)}${EVERY_FILE}`),
  );
  return target === undefined ? path : knownAs(target, path);
}

/** Puts lists of targets together, each target once, in an order that depends on nothing else. */
export function unitedTargets(...lists: readonly (readonly LinkTarget[])[]): readonly LinkTarget[] {
  const byKey = new Map<string, LinkTarget>();
  for (const target of lists.flat()) {
    const key = `${target.path}\n${target.detector}`;
    if (!byKey.has(key)) byKey.set(key, target);
  }
  const inOrder = [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.slice(0, MAX_LINK_TARGETS).map(([, target]) => target);
}

/** Tells whether two lists of {@link unitedTargets} name the same targets. */
export function areSameTargets(one: readonly LinkTarget[], other: readonly LinkTarget[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function knownAs({ path: pattern, as }: LinkTarget, path: string): string {
  if (!pattern.endsWith(EVERY_FILE)) return as;
  return as.slice(0, -'*'.length) + path.slice(path.lastIndexOf('/') + 1);
}
