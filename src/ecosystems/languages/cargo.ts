import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from './library-purl.ts';

/** Crates of crates.io. */
export const cargo: Ecosystem<LibraryPackage> = {
  type: 'cargo',
  scheme: 'semver',
  namespaces: ['cargo'],
  namespaceOf: () => 'cargo',
  lines: ({ name, version }) => [{ name, version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => libraryPurl('cargo', name, version),
  featureOf: (purl) => libraryFeature('cargo', purl),
};
