import type { Detector } from './detector.ts';
import { fileFilterOf } from './packages/file-filter.ts';

/**
 * Extends the package detectors so that they also read which packages own the files that the features detectors read.
 * Returns a list without features detectors unchanged.
 */
export function withOwners(detectors: readonly Detector[]): readonly Detector[] {
  const wanted = detectors.filter(({ kind }) => kind === 'features').flatMap(({ wants }) => wants);
  if (wanted.length === 0) return detectors;
  const wants = fileFilterOf(wanted);
  return detectors.map((detector) => detector.withFiles?.(wants) ?? detector);
}
