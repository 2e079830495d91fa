import type { PlacedFeature } from '../features/feature-census.ts';
import { parentOf } from '../patterns/pattern-index.ts';

/** The files of a package, as its installer recorded them, and the index of the layer with the record. */
export type FileRecord = { readonly files: readonly string[]; readonly layer: number };

/** The files that installers recorded for the packages that are installed. */
export type RecordedFiles = {
  /** Returns whether a file describes a package with a record. */
  readonly isRecorded: (evidence: string) => boolean;
  /**
   * Returns whether a record contains the file at `path`; false if `layer`, which added the file, is above the layer of
   * the record.
   */
  readonly contain: (path: string, layer: number) => boolean;
};

/**
 * Returns the recorded files of packages; records without a package are ignored.
 *
 * @param records the recorded files of packages, by the path of the file that describes the package (`FeatureMark`)
 */
export function recordedFiles(
  records: ReadonlyMap<string, FileRecord>,
  features: Iterable<PlacedFeature>,
): RecordedFiles {
  const recorded = new Set<string>();
  const layers = new Map<string, number>();
  if (records.size > 0) {
    for (const { path: evidence } of features) {
      const record = records.get(evidence);
      if (record === undefined || recorded.has(evidence)) continue;
      recorded.add(evidence);
      const directory = parentOf(parentOf(evidence));
      for (const file of record.files) {
        const path = pathFrom(directory, file);
        if (path !== undefined) layers.set(path, Math.max(record.layer, layers.get(path) ?? 0));
      }
    }
  }
  return {
    isRecorded: (evidence) => recorded.has(evidence),
    contain: (path, layer) => layer <= (layers.get(path) ?? -1),
  };
}

/** Resolves a path from a directory, or from the root; undefined for a path outside the root. */
function pathFrom(directory: string, file: string): string | undefined {
  const segments = file.startsWith('/') || directory === '' ? [] : directory.split('/');
  for (const segment of file.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join('/');
}
