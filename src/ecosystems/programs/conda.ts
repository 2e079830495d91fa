import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from '../languages/library-purl.ts';

/** Conda packages. No feed contains advisories for Conda packages. */
export const conda: Ecosystem<LibraryPackage> = {
  type: 'conda',
  // Conda versions have their own order, but Clair does not compare them.
  scheme: 'pep440',
  namespaces: ['conda'],
  namespaceOf: () => '',
  lines: ({ name, version }) => [{ name, version }],
  purl: ({ name, version }) => libraryPurl('conda', name, version),
  featureOf: (purl) => libraryFeature('conda', purl),
};
