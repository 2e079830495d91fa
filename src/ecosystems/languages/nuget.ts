import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from './library-purl.ts';

/** NuGet packages, whose names are case-insensitive. A shared framework is matched as the package for its runtime. */
export const nuget: Ecosystem<LibraryPackage> = {
  type: 'nuget',
  scheme: 'nuget',
  namespaces: ['nuget'],
  namespaceOf: () => 'nuget',
  lines: ({ name, version, matchedAs = name }) => [{ name: matchedAs.toLowerCase(), version }],
  aliasesAreNames: true,
  purl: ({ name, version, ...of }) => libraryPurl('nuget', name, version, of),
  featureOf: (purl) => libraryFeature('nuget', purl),
};
