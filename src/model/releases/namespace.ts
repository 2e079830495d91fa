/**
 * Returns the name of a namespace, a release or line of releases with its own packages and versions (`debian:12`,
 * `debian:unstable`): the `ID` of the distribution and its version, or the distribution alone.
 */
export function namespaceName(distribution: string, version?: string): string {
  return version === undefined || version === '' ? distribution : `${distribution}:${version}`;
}
