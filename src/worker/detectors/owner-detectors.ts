import type { Detector } from './detector.ts';
import { fileFilterOf } from './packages/file-filter.ts';

/**
 * Returns a list of detectors in which those of package managers also read which files the packages own: the files that the
 * detectors of features in the list want. A list without detectors of features is returned as it is: nobody asks for owners.
 */
export function withOwners(detectors: readonly Detector[]): readonly Detector[] {
  const wanted = detectors.filter(({ kind }) => kind === 'features').flatMap(({ wants }) => wants);
  if (wanted.length === 0) return detectors;
  const wants = fileFilterOf(wanted);
  return detectors.map((detector) => detector.withFiles?.(wants) ?? detector);
}
