/**
 * Names a namespace, the release or line of releases with packages and versions of its own (`debian:12`,
 * `debian:unstable`): the distribution's `ID` and its version, or the distribution alone.
 */
export function namespaceName(distribution: string, version?: string): string {
  return version === undefined || version === '' ? distribution : `${distribution}:${version}`;
}
