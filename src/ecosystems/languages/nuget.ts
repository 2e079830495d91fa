import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryPurl } from './library-purl.ts';

/** Packages of NuGet, which compares names without case. */
export const nuget: Ecosystem<LibraryPackage> = {
  type: 'nuget',
  scheme: 'nuget',
  namespaces: ['nuget'],
  namespaceOf: () => 'nuget',
  lines: ({ name, version }) => [{ name: name.toLowerCase(), version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => libraryPurl('nuget', name, version),
};
