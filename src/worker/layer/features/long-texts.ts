import { shownName } from '../../../bytes/tar/name.ts';
import { isIndexable, MAX_INDEXED_BYTES } from '../../../model/indexed-text.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import { diagnosticOf, type Readings, withFacts } from '../file-readings.ts';
import type { Kept } from '../kept-path.ts';

/**
 * Drops packages and programs with a path, name or version longer than {@link MAX_INDEXED_BYTES}, because the database
 * cannot index longer texts; adds diagnostics about the packages. The part of a path inside a file, such as an archive,
 * has a separate limit of the same length.
 *
 * @param path the path of the file
 */
export function withoutLongTexts(readings: Readings, path: string): Readings {
  return withFacts(readings, (facts) => shortened(facts, path));
}

/**
 * Returns the entry of a hard link to a file that was not read, or that is in a layer below; the packages of the file
 * move to the path of the link.
 * Returns a diagnostic instead if the path of the link is too long.
 */
export function keptHardLink(path: string, target: string, detectors: readonly Detector[]): Kept {
  if (isIndexable(path)) return { entry: { kind: 'hardlink', path, target } };
  const message = `${shownName(path)} was not read: its path is longer than ${MAX_INDEXED_BYTES} bytes`;
  return { readings: diagnosticOf(detectors, { code: 'library-unreadable', message, where: path }) };
}

function shortened(facts: FileFacts, path: string): FileFacts {
  const { packages, features, programs } = facts;
  const shortPackages = packages?.filter(({ name, version, source }) => {
    return [name, version, source.name, source.version].every(isIndexable);
  });
  const isShort = isIndexable(path);
  const shortFeatures = features?.filter(({ feature, path: place }) => {
    return isShort && [innerPath(place, path), feature.name, feature.version].every(isIndexable);
  });
  const shortPrograms = programs?.filter(({ path: place }) => isShort && isIndexable(innerPath(place, path)));
  const longPackages = (packages?.length ?? 0) - (shortPackages?.length ?? 0);
  const longFeatures = (features?.length ?? 0) - (shortFeatures?.length ?? 0);
  const longPrograms = (programs?.length ?? 0) - (shortPrograms?.length ?? 0);
  if (longPackages + longFeatures + longPrograms === 0) return facts;
  return {
    ...facts,
    ...(shortPackages && { packages: shortPackages }),
    ...(shortFeatures && { features: shortFeatures }),
    ...(shortPrograms && { programs: shortPrograms }),
    diagnostics: [
      ...facts.diagnostics,
      ...longDiagnostic('package-entry-unreadable', longPackages, path, 'a name or version'),
      ...longDiagnostic('library-unreadable', longFeatures, path, 'a path, name or version'),
    ],
  };
}

function innerPath(place: string, path: string): string {
  return place.startsWith(path) ? place.slice(path.length) : place;
}

function longDiagnostic(code: Diagnostic['code'], count: number, path: string, what: string): readonly Diagnostic[] {
  if (count === 0) return [];
  const packages = count === 1 ? '1 package was' : `${count} packages were`;
  const where = shownName(path);
  const message = `${packages} skipped in ${where}: ${what} is longer than ${MAX_INDEXED_BYTES} bytes`;
  return [{ code, message, where: path }];
}
