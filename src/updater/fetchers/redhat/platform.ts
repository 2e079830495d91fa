/** A product of Red Hat whose packages are matched: a line of releases of Red Hat Enterprise Linux. */
export type Platform = {
  readonly namespace: string;
  /**
   * - `main`: what everybody gets who has a subscription or uses the free images;
   * - `extended`: an older minor release, or a whole release at its end, that is bought longer support for;
   * - `last`: as that, and no later line of the release follows: every version from its fix on carries it.
   */
  readonly line: 'main' | 'extended' | 'last';
};

/**
 * Reads the CPE of a product (`cpe:/o:redhat:enterprise_linux:9::baseos`, RHEL 10 on with minor versions and without
 * channels: https://redhatproductsecurity.github.io/security-data-guidelines/cpe/). Gives undefined for layered products
 * (OpenShift, Satellite, …), whose packages come from repositories of their own.
 */
export function readPlatform(cpe: string): Platform | undefined {
  const [, product = '', major] = RHEL_CPE.exec(cpe) ?? [];
  const line = LINES.get(product);
  return line === undefined || major === undefined ? undefined : { namespace: `rhel:${major}`, line };
}

const RHEL_CPE = /^cpe:\/[ao]:redhat:([a-z0-9_]+):(\d+)(?:[.:]|$)/;

const LINES: ReadonlyMap<string, Platform['line']> = new Map([
  ['enterprise_linux', 'main'],
  // Of RHEL 7: what later releases have in AppStream.
  ['rhel_extras', 'main'],
  ['rhel_aus', 'extended'],
  ['rhel_e4s', 'extended'],
  ['rhel_eus', 'extended'],
  ['rhel_eus_long_life', 'extended'],
  ['rhel_tus', 'extended'],
  ['enterprise_linux_aus', 'extended'],
  ['enterprise_linux_e4s', 'extended'],
  ['enterprise_linux_eus', 'extended'],
  ['enterprise_linux_eus_long_life', 'extended'],
  ['enterprise_linux_tus', 'extended'],
  ['rhel_els', 'last'],
  ['enterprise_linux_els', 'last'],
]);
