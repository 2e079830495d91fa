import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem, Lookup } from '../ecosystem.ts';
import { mavenFeature, mavenPurl } from './maven-purl.ts';

/**
 * Artifacts of Maven repositories, named `group:artifact`. Names are case-sensitive. An artifact whose group is
 * uncertain is on the version line of each candidate.
 */
export const maven: Ecosystem<LibraryPackage> = {
  type: 'maven',
  scheme: 'maven',
  namespaces: ['maven'],
  // Without a group and without candidates, no advisory can name the artifact.
  namespaceOf: ({ name, candidates = [] }) => (name.includes(':') || candidates.length > 0 ? 'maven' : ''),
  lines: ({ name, version, candidates = [] }) => {
    const [first = name, ...others] = candidates;
    return [{ name: first, version }, ...others.map((candidate): Lookup => ({ name: candidate, version }))];
  },
  aliasesAreNames: true,
  purl: mavenPurl,
  featureOf: mavenFeature,
};
