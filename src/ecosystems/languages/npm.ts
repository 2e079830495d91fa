import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from './library-purl.ts';

/** npm packages. Names are case-sensitive, because old names contain capital letters. */
export const npm: Ecosystem<LibraryPackage> = {
  type: 'npm',
  scheme: 'semver',
  namespaces: ['npm'],
  namespaceOf: () => 'npm',
  lines: ({ name, version }) => [{ name, version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => libraryPurl('npm', name, version),
  featureOf: (purl) => libraryFeature('npm', purl),
};
