import { PackageURL } from 'packageurl-js';
import type { LibraryPackage } from '../../model/feature.ts';

/**
 * Returns the package URL of an artifact (purl-spec, "maven"). The type `maven` requires a group, so an artifact whose
 * group is uncertain has the type `generic` and its candidates as a qualifier, which distinguishes artifacts with the
 * same name.
 */
export function mavenPurl({ name, version, candidates = [] }: LibraryPackage): string {
  const [, group, artifact] = COORDINATES.exec(name) ?? [];
  const versionOrNone = version === '' ? undefined : version;
  if (group !== undefined && artifact !== undefined) {
    return new PackageURL('maven', group, artifact, versionOrNone, undefined, undefined).toString();
  }
  const qualifiers = candidates.length === 0 ? undefined : { candidates: candidates.join(',') };
  return new PackageURL('generic', undefined, name, versionOrNone, qualifiers, undefined).toString();
}

/** Matches `group:artifact` (`ID_REGEX` of Maven's DefaultModelValidator). */
const COORDINATES = /^([A-Za-z0-9_.-]+):([A-Za-z0-9_.-]+)$/;
