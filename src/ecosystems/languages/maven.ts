import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryPurl } from './library-purl.ts';

/** Artifacts of Maven repositories, named `group:artifact`. Names are case-sensitive. */
export const maven: Ecosystem<LibraryPackage> = {
  type: 'maven',
  scheme: 'maven',
  namespaces: ['maven'],
  namespaceOf: () => 'maven',
  lines: ({ name, version }) => [{ name, version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => libraryPurl('maven', name.replace(':', '/'), version),
};
