import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from './library-purl.ts';

/** Go modules, and the standard library as `stdlib`. Module paths are case-sensitive. */
export const golang: Ecosystem<LibraryPackage> = {
  type: 'golang',
  scheme: 'golang',
  namespaces: ['golang'],
  namespaceOf: () => 'golang',
  lines: ({ name, version }) => [{ name, version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => libraryPurl('golang', name, version),
  featureOf: (purl) => libraryFeature('golang', purl),
};
