import type { LibraryPackage } from '../../model/feature.ts';
import type { Ecosystem } from '../ecosystem.ts';
import { libraryFeature, libraryPurl } from './library-purl.ts';
import { normalizedPypiName } from './pypi-name.ts';

/** PyPI distributions. Names in advisories and from detectors are normalised as in PEP 503. */
export const pypi: Ecosystem<LibraryPackage> = {
  type: 'pypi',
  scheme: 'pep440',
  namespaces: ['pypi'],
  namespaceOf: () => 'pypi',
  lines: ({ name, version }) => [{ name: normalizedPypiName(name), version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => libraryPurl('pypi', name, version),
  featureOf: (purl) => libraryFeature('pypi', { ...purl, name: normalizedPypiName(purl.name) }),
};
