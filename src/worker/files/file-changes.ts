import { FILES } from '../../model/advisories/file-rule.ts';
import { isFileState, type SeenState, type WatchedFile } from '../../model/advisories/watched-file.ts';
import type { FeatureChange } from '../../model/layer.ts';
import type { FileSight } from './file-sight.ts';

/**
 * Returns the states of watched files that a layer adds and removes, as features. Only unknown states and states that a
 * rule names become features. The features of a layer depend only on the contents of its chain.
 *
 * @param below the file states at the parent; undefined for a base layer
 */
export function fileChanges(
  below: FileSight | undefined,
  at: FileSight,
  depth: number,
  files: readonly WatchedFile[],
): readonly FeatureChange[] {
  if (below?.states === at.states && below.places === at.places) return [];
  const changes: FeatureChange[] = [];
  const unknown = new Set<string>();
  const change = (name: string, version: SeenState, path: string, by: 1 | -1): void => {
    const feature = { type: FILES, name, version };
    changes.push({ feature, namespace: FILES, path, originDepth: depth, change: by });
  };
  for (const { name, state } of files) {
    const [before, now] = [below?.states.get(name), at.states.get(name)];
    const [from, to] = [below === undefined ? name : placeOf(below, name), placeOf(at, name)];
    if (before === now && from === to) continue;
    for (const [seen, path, by] of [
      [before, from, -1],
      [now, to, 1],
    ] as const) {
      if (seen === state) change(name, seen, path, by);
      // `files` can contain both states of a file, but an unknown state is added only once.
      if (seen === undefined || isFileState(seen) || unknown.has(`${seen} ${name}`)) continue;
      change(name, seen, path, by);
      unknown.add(`${seen} ${name}`);
    }
  }
  return changes;
}

/**
 * Returns the path of a file. For a file that can be in several places, returns the first place, so that the feature
 * does not change while the file stays there; if the file is in no place, returns its name.
 */
function placeOf({ places, watched }: FileSight, name: string): string {
  return watched.paths.get(name) ?? places.places.get(name)?.[0] ?? name;
}
