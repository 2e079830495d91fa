import type { LibraryPackage } from '../../model/feature.ts';
import { type PackageUrl, packageUrlText } from '../package-url.ts';

/**
 * Returns the package URL of a library.
 *
 * @param type the package URL type (purl-spec, PURL-TYPES)
 * @param path the namespace and the name, separated by the last slash, such as `@babel/core` or `github.com/pkg/errors`
 * @param version the version; empty for a library without a version
 */
export function libraryPurl(
  type: string,
  path: string,
  version: string,
  { matchedAs = '' }: Pick<Partial<LibraryPackage>, 'matchedAs'> = {},
): string {
  const slash = path.lastIndexOf('/');
  const namespace = slash > 0 ? path.slice(0, slash) : '';
  const name = path.slice(slash + 1);
  // If the name in advisories cannot be derived from the name of the library, a qualifier contains the name in
  // advisories. purl-spec permits additional qualifiers.
  return packageUrlText({ type, namespace, name, version, qualifiers: { matched_as: matchedAs } });
}

/**
 * Returns the library that a package URL names; this is the inverse of {@link libraryPurl}. Returns undefined for
 * another type.
 *
 * @param separator the character between the namespace and the name
 */
export function libraryFeature(type: string, purl: PackageUrl, separator = '/'): LibraryPackage | undefined {
  if (purl.type !== type) return undefined;
  const { namespace, version, qualifiers } = purl;
  const name = namespace === '' ? purl.name : `${namespace}${separator}${purl.name}`;
  const matchedAs = qualifiers.get('matched_as');
  return { type, name, version, ...(matchedAs !== undefined && { matchedAs }) };
}
