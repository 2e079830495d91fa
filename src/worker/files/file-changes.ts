import { FILES, UNKNOWN_STATE, type WatchedFile } from '../../model/advisories/file-rule.ts';
import type { FeatureChange } from '../../model/layer.ts';
import type { FileSight, SeenState } from './file-sight.ts';

/**
 * Returns the points of watched files that a layer adds and removes: a file has a point where it is in a state that rules are
 * about, or in an unknown state. The points of a layer follow from the contents of its chain alone.
 *
 * @param below the sight of the parent; undefined for a base layer
 */
export function fileChanges(
  below: FileSight | undefined,
  at: FileSight,
  depth: number,
  files: readonly WatchedFile[],
): readonly FeatureChange[] {
  if (below?.states === at.states) return [];
  const changes: FeatureChange[] = [];
  const unknown = new Set<string>();
  const change = (name: string, version: SeenState, by: 1 | -1): void => {
    const feature = { type: FILES, name, version };
    changes.push({ feature, namespace: FILES, path: name, originDepth: depth, change: by });
  };
  for (const { name, state } of files) {
    const [before, now] = [below?.states.get(name), at.states.get(name)];
    if (before === now) continue;
    for (const [seen, by] of [
      [before, -1],
      [now, 1],
    ] as const) {
      if (seen === state) change(name, seen, by);
      // Two rules may be about both states of the file.
      if (seen !== UNKNOWN_STATE || unknown.has(name)) continue;
      change(name, seen, by);
      unknown.add(name);
    }
  }
  return changes;
}
