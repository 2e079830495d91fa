import { PackageURL } from 'packageurl-js';

/**
 * Returns the package URL of a library.
 *
 * @param type the package URL type (purl-spec, PURL-TYPES)
 * @param path the name with its namespace, separated by the last slash: `@babel/core`, `github.com/pkg/errors`
 * @param version empty for a library without a version
 */
export function libraryPurl(type: string, path: string, version: string): string {
  const slash = path.lastIndexOf('/');
  const namespace = slash > 0 ? path.slice(0, slash) : undefined;
  const name = path.slice(slash + 1);
  return new PackageURL(type, namespace, name, version === '' ? undefined : version, undefined, undefined).toString();
}
