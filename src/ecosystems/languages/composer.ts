import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from './library-purl.ts';

/** Composer packages. Packagist writes names in lower case. */
export const composer: Ecosystem<LibraryPackage> = {
  type: 'composer',
  scheme: 'composer',
  namespaces: ['composer'],
  namespaceOf: () => 'composer',
  lines: ({ name, version }) => [{ name: name.toLowerCase(), version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => libraryPurl('composer', name, version),
  featureOf: (purl) => libraryFeature('composer', purl),
};
