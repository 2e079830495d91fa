import type { Detector } from '../detectors/detector.ts';
import { type FixedPattern, patternText } from '../detectors/path-pattern.ts';
import { detectorsOfPath, indexPatterns, parentOf, type PatternIndex } from './patterns/pattern-index.ts';

/** What a link of an image leads to, and who wants it there. */
export type LinkTarget = {
  /** The path, or the directory whose files are wanted, from the root and without links. */
  readonly wants: FixedPattern;
  /** The id of the detector that wants it. */
  readonly detector: string;
  /** The path or the directory by which that detector knows it. */
  readonly as: string;
};

/** How many targets are read for one image; the links of honest images lead to a few. */
export const MAX_LINK_TARGETS = 1000;

/** How often the layers of an image are read again for links that lead to links; Linux follows 40, honest images have 3. */
export const MAX_PASSES = 8;

/** Gives the detectors with what links add to their paths: each target is read as if it stood where the link stands. */
export function withTargets(detectors: readonly Detector[], targets: readonly LinkTarget[]): readonly Detector[] {
  const byId = new Map(detectors.map((detector) => [detector.id, detector]));
  const added = targets.flatMap((target): readonly Detector[] => {
    const detector = byId.get(target.detector);
    if (detector === undefined) return [];
    const wants = [target.wants];
    return [{ ...detector, wants, read: (path, bytes) => detector.read(knownAs(target, path), bytes) }];
  });
  return [...detectors, ...added];
}

/** Indexes the patterns of detectors together with what links lead to. */
export function indexTargets(detectors: readonly Detector[], targets: readonly LinkTarget[]): PatternIndex {
  return indexPatterns(withTargets(detectors, targets));
}

/** Tells whether layers are read for what a target wants. */
export function isCovered({ wants, detector }: Omit<LinkTarget, 'as'>, index: PatternIndex): boolean {
  if (wants.kind === 'exact') return detectorsOfPath(wants.path, index).some(({ id }) => id === detector);
  const { directory, suffix: wanted = '' } = wants;
  const readers = index.directories.get(directory) ?? [];
  return readers.some(({ detector: { id }, suffix }) => id === detector && wanted.endsWith(suffix));
}

/** The path by which a detector knows a path of the image, which may itself be what a link leads to. */
export function knownPath(detector: string, path: string, targets: readonly LinkTarget[]): string {
  const target = targets.find(({ wants, detector: id }) => {
    if (id !== detector) return false;
    if (wants.kind === 'exact') return wants.path === path;
    return wants.directory === parentOf(path) && path.endsWith(wants.suffix ?? '');
  });
  return target === undefined ? path : knownAs(target, path);
}

/** Puts lists of targets together, each target once, in an order that depends on nothing else. */
export function unitedTargets(...lists: readonly (readonly LinkTarget[])[]): readonly LinkTarget[] {
  const byKey = new Map<string, LinkTarget>();
  for (const target of lists.flat()) {
    const key = `${patternText(target.wants)}\n${target.detector}`;
    if (!byKey.has(key)) byKey.set(key, target);
  }
  const inOrder = [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.slice(0, MAX_LINK_TARGETS).map(([, target]) => target);
}

/** Tells whether two lists of {@link unitedTargets} name the same targets. */
export function areSameTargets(one: readonly LinkTarget[], other: readonly LinkTarget[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function knownAs({ wants, as }: LinkTarget, path: string): string {
  return wants.kind === 'exact' ? as : `${as}/${path.slice(path.lastIndexOf('/') + 1)}`;
}
