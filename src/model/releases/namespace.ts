/**
 * Returns the name of a namespace. A namespace is a release or a series of releases with its own packages and versions.
 * The name consists of the `ID` of the distribution and the version (`debian:12`, `debian:unstable`), or only of the
 * distribution.
 */
export function namespaceName(distribution: string, version?: string): string {
  return version === undefined || version === '' ? distribution : `${distribution}:${version}`;
}
