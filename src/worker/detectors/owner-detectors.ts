import type { Detector } from './detector.ts';
import { fileFilterOf } from './packages/file-filter.ts';
import type { PathPattern } from './path-pattern.ts';

/**
 * Returns a list of detectors in which those of package managers also read which files the packages own: the files that the
 * detectors of features in the list want. A list without detectors of features is returned as it is: nobody asks for owners.
 */
export function withOwners(detectors: readonly Detector[]): readonly Detector[] {
  const wanted = detectors.filter(({ kind }) => kind === 'features').flatMap(({ wants }) => wants);
  if (wanted.length === 0) return detectors;
  const wants = fileFilterOf(wanted);
  return detectors.map((detector) => {
    const owning = detector.withFiles?.(wants);
    return owning === undefined ? detector : { ...owning, wants: [...owning.wants, DIRECTORY_LINKS] };
  });
}

/**
 * A package lists a file at `lib/x` that lies at `usr/lib/x`, where `lib` is a link to `usr/lib`. Distributions move whole
 * directories at the root or directly below one of its directories: `sbin`, `usr/lib64`, `usr/sbin`, `usr/local`.
 */
const DIRECTORY_LINKS: PathPattern = { kind: 'link', depth: 2 };
