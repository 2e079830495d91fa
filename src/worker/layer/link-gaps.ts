import type { Detector } from '../detectors/detector.ts';
import { type FileTree, pathsWithLinks, trace } from './tree/file-tree.ts';
import type { LayerEntry } from './layer-findings.ts';
import { EVERY_FILE, isCovered, knownPath, type LinkTarget, unitedTargets } from './link-targets.ts';
import type { Walk } from './tree/path-walk.ts';
import { roleOfPath, type WantedPaths } from './wanted-paths.ts';

/** PATH_MAX of Linux. */
const MAX_PATH_CHARACTERS = 4096;

/** What is known of an image when its links are looked at. */
export type LinkContext = {
  readonly detectors: readonly Detector[];
  /** What layers were read for beside the paths of detectors. */
  readonly targets: readonly LinkTarget[];
  /** The paths of detectors and the targets. */
  readonly wanted: WantedPaths;
};

/** Finds what the symbolic links of a tree lead to although no layer was read for it. */
export function gapsOfTree(tree: FileTree, { detectors, wanted }: LinkContext): readonly LinkTarget[] {
  const gaps: LinkTarget[] = [];
  const note = (detector: Detector, path: string, at: Walk): void => {
    const goal = goalOf(at, path, wanted);
    if (goal === undefined) return;
    const gap = { path: goal, detector: detector.id, as: path };
    if (!isCovered(gap, wanted)) gaps.push(gap);
  };
  /** SQLite looks for a log beside the file that a link to a database leads to. */
  const noteLog = (detector: Detector, path: string, at: Walk): void => {
    const suffix = detector.logged?.suffix;
    if (suffix === undefined || !detector.paths.includes(`${path}${suffix}`) || !at.hasLinks) return;
    const database = at.node?.kind === 'file' ? at.path : goalOf(at, path, wanted);
    if (database === undefined) return;
    const gap = { path: `${database}${suffix}`, detector: detector.id, as: `${path}${suffix}` };
    if (!isCovered(gap, wanted)) gaps.push(gap);
  };
  for (const detector of detectors) {
    for (const path of detector.paths) {
      const at = trace(tree, withoutPattern(path));
      note(detector, path, at);
      noteLog(detector, path, at);
      if (!path.endsWith(EVERY_FILE)) continue;
      const folder = withoutPattern(path);
      for (const each of pathsWithLinks(tree, folder)) note(detector, each, trace(tree, each));
    }
  }
  return unitedTargets(gaps);
}

/** Finds the files that hard links of a layer share, where no layer was read for them. */
export function gapsOfEntries(
  entries: readonly LayerEntry[],
  { targets, wanted }: Pick<LinkContext, 'targets' | 'wanted'>,
): readonly LinkTarget[] {
  const gaps: LinkTarget[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'hardlink') continue;
    for (const { id } of roleOfPath(entry.path, wanted)?.detectors ?? []) {
      const gap = { path: entry.target, detector: id, as: knownPath(id, entry.path, targets) };
      if (!isCovered(gap, wanted)) gaps.push(gap);
    }
  }
  return unitedTargets(gaps);
}

/** The path that layers must be read for to get on from where a walk along `path` ended; undefined where nothing helps. */
function goalOf(at: Walk, path: string, wanted: WantedPaths): string | undefined {
  const { node, path: end, rest, hasLinks } = at;
  const isPattern = path.endsWith(EVERY_FILE);
  if (node?.kind === 'hardlink') return node.target;
  if (!hasLinks || node?.kind === 'symlink') return undefined;
  if (node?.kind === 'directory' && !isPattern) return undefined;
  if (node !== undefined && node.kind !== 'directory' && isPattern) return undefined;
  const known = rest.indexOf('..');
  // What lies above a path that may be a link is told when that path is known.
  const names = known === -1 ? rest : rest.slice(0, known);
  const goal = [end, ...names].join('/');
  if (goal.length > MAX_PATH_CHARACTERS) return undefined;
  if (known !== -1) return roleOfPath(goal, wanted) === null ? goal : undefined;
  return isPattern ? `${goal}${EVERY_FILE}` : goal;
}

function withoutPattern(path: string): string {
  return path.endsWith(EVERY_FILE) ? path.slice(0, -EVERY_FILE.length) : path;
}
