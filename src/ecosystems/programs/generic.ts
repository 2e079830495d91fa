import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from '../languages/library-purl.ts';
import { semanticForm } from './semantic-form.ts';

/**
 * Programs that were installed without a package manager. Bitnami publishes advisories for some of these programs,
 * under its own names; the other programs are only listed.
 */
export const generic: Ecosystem<LibraryPackage> = {
  type: 'generic',
  scheme: 'semver',
  namespaces: ['bitnami'],
  namespaceOf: ({ matchedAs }) => (matchedAs === undefined ? '' : 'bitnami'),
  lines: ({ name, version, matchedAs = name }) => [{ name: matchedAs, version: semanticForm(version) }],
  aliasesAreNames: true,
  purl: ({ name, version, ...of }) => libraryPurl('generic', name, version, of),
  // A package URL with candidates belongs to a Maven artifact.
  featureOf: (purl) => (purl.qualifiers.has('candidates') ? undefined : libraryFeature('generic', purl)),
};
