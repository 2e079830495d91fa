import type { LibraryPackage } from '../../model/feature.ts';
import { FILES } from '../../model/advisories/file-rule.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryPurl } from '../languages/library-purl.ts';

/** The files that file rules name. The package name is the path, and the version is the state of the file. */
export const file: Ecosystem<LibraryPackage> = {
  type: FILES,
  scheme: 'presence',
  namespaces: [FILES],
  namespaceOf: () => FILES,
  lines: ({ name, version }) => [{ name, version }],
  purl: ({ name }) => libraryPurl('generic', name, ''),
  // A package URL does not contain the state of a file; only the layers of an image show whether the file exists.
  featureOf: () => undefined,
};
