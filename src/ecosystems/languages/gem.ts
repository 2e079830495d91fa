import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from './library-purl.ts';

/** Gems of RubyGems. */
export const gem: Ecosystem<LibraryPackage> = {
  type: 'gem',
  scheme: 'gem',
  namespaces: ['gem'],
  namespaceOf: () => 'gem',
  lines: ({ name, version }) => [{ name, version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => libraryPurl('gem', name, version),
  featureOf: (purl) => libraryFeature('gem', purl),
};
