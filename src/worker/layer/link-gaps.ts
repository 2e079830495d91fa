import type { Detector } from '../detectors/detector.ts';
import { type FixedPattern, isFixed, placeOf } from '../detectors/path-pattern.ts';
import { type FileTree, pathsWithLinks, trace } from './tree/file-tree.ts';
import type { LayerEntry } from './layer-contents.ts';
import { isCovered, knownPaths, type LinkTarget, unitedTargets } from './link-targets.ts';
import { detectorsOfPath, fixedRole, type PatternIndex } from './patterns/pattern-index.ts';
import type { Walk } from './tree/path-walk.ts';

const MAX_PATH_CHARACTERS = 4096;

export type LinkContext = {
  readonly detectors: readonly Detector[];
  readonly targets: readonly LinkTarget[];
  readonly index: PatternIndex;
};

/**
 * Finds the targets of symbolic links at fixed paths that no layer was read for. Files that are wanted in any directory
 * are read at their real paths, so links do not affect these files.
 */
export function gapsOfTree(tree: FileTree, { detectors, index }: LinkContext): readonly LinkTarget[] {
  const gaps: LinkTarget[] = [];
  const note = ({ id: detector }: Detector, pattern: FixedPattern, at: Walk): void => {
    const wants = goalOf(at, pattern, index);
    if (wants === undefined) return;
    const gap = { wants, detector, as: placeOf(pattern) };
    if (!isCovered(gap, index)) gaps.push(gap);
  };
  /** SQLite looks for a log next to the file that a database link points to. */
  const noteLog = (detector: Detector, pattern: FixedPattern, at: Walk): void => {
    const suffix = detector.logged?.suffix;
    if (suffix === undefined || pattern.kind !== 'exact' || !at.hasLinks) return;
    const log = `${pattern.path}${suffix}`;
    if (!detector.wants.some((each) => each.kind === 'exact' && each.path === log)) return;
    const goal = goalOf(at, pattern, index);
    const database = at.node?.kind === 'file' ? at.path : goal && placeOf(goal);
    if (database === undefined) return;
    const wants = { kind: 'exact', path: `${database}${suffix}` } as const;
    const gap = { wants, detector: detector.id, as: log };
    if (!isCovered(gap, index)) gaps.push(gap);
  };
  for (const detector of detectors) {
    for (const pattern of detector.wants.filter(isFixed)) {
      const at = trace(tree, placeOf(pattern));
      note(detector, pattern, at);
      noteLog(detector, pattern, at);
      if (pattern.kind === 'exact') continue;
      for (const path of pathsWithLinks(tree, pattern.directory)) {
        if (path.endsWith(pattern.suffix ?? '')) note(detector, { kind: 'exact', path }, trace(tree, path));
      }
    }
  }
  return unitedTargets(gaps);
}

/** Finds the targets of a layer's hard links that no layer was read for. */
export function gapsOfEntries(
  entries: readonly LayerEntry[],
  { targets, index }: Pick<LinkContext, 'targets' | 'index'>,
): readonly LinkTarget[] {
  const gaps: LinkTarget[] = [];
  const knownPath = knownPaths(targets);
  for (const entry of entries) {
    if (entry.kind !== 'hardlink') continue;
    for (const { id } of detectorsOfPath(entry.path, index)) {
      const wants = { kind: 'exact', path: entry.target } as const;
      const gap = { wants, detector: id, as: knownPath(id, entry.path) };
      if (!isCovered(gap, index)) gaps.push(gap);
    }
  }
  return unitedTargets(gaps);
}

/** Returns the target to read so that a walk along `pattern` can continue; undefined when no target helps. */
function goalOf(at: Walk, pattern: FixedPattern, index: PatternIndex): FixedPattern | undefined {
  const { node, path: end, rest, hasLinks } = at;
  if (node?.kind === 'hardlink') return { kind: 'exact', path: node.target };
  if (!hasLinks || node?.kind === 'symlink') return undefined;
  if (node !== undefined && (node.kind === 'directory') !== (pattern.kind === 'children')) return undefined;
  const known = rest.indexOf('..');
  // `..` after a path that may be a link can be resolved only once that path is known.
  const names = known === -1 ? rest : rest.slice(0, known);
  const goal = [end, ...names].join('/');
  if (goal.length > MAX_PATH_CHARACTERS) return undefined;
  if (known !== -1) return fixedRole(goal, index) === null ? { kind: 'exact', path: goal } : undefined;
  return pattern.kind === 'exact' ? { kind: 'exact', path: goal } : { ...pattern, directory: goal };
}
