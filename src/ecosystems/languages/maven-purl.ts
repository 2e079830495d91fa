import type { LibraryPackage } from '../../model/feature.ts';
import { type PackageUrl, packageUrlText } from '../package-url.ts';
import { libraryFeature } from './library-purl.ts';

/**
 * Returns the package URL of an artifact (purl-spec, "maven"). The type `maven` requires a group, so an artifact of
 * uncertain group has the type `generic`. The qualifier `candidates` lists the artifacts that the artifact may be.
 */
export function mavenPurl({ name, version, candidates = [] }: LibraryPackage): string {
  const [, group, artifact] = COORDINATES.exec(name) ?? [];
  if (group !== undefined && artifact !== undefined) {
    return packageUrlText({ type: 'maven', namespace: group, name: artifact, version });
  }
  return packageUrlText({ type: 'generic', name, version, qualifiers: { candidates: candidates.join(',') } });
}

/**
 * Returns the artifact that a package URL names; this is the inverse of {@link mavenPurl}. Returns undefined for a URL
 * without a group and without candidates, and for another type.
 */
export function mavenFeature(purl: PackageUrl): LibraryPackage | undefined {
  const candidates = purl.type === 'generic' ? purl.qualifiers.get('candidates') : undefined;
  if (candidates === undefined) return purl.namespace === '' ? undefined : libraryFeature('maven', purl, ':');
  const { name, version } = purl;
  return { type: 'maven', name, version, candidates: [...new Set(candidates.split(','))].toSorted() };
}

/** Matches `group:artifact` (`ID_REGEX` of Maven's DefaultModelValidator). */
const COORDINATES = /^([A-Za-z0-9_.-]+):([A-Za-z0-9_.-]+)$/;
