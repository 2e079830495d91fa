import type { Component } from './component.ts';
import { productCpe, releaseOfCpe } from './product-cpe.ts';

/** A RHEL release with a kind of support, or a layered product on a RHEL release. */
export type Platform = {
  readonly namespace: string;
  /**
   * - `main` is standard support, with the packages for every subscriber, user of the free images, or owner of the
   *   layered product.
   * - `extended` is a minor release that is superseded or past its end of life, with purchased support.
   * - `last` is extended support for the last minor release, so every version from the fix on contains the fix.
   */
  readonly line: 'main' | 'extended' | 'last';
  /** The CPE of a layered product (OpenShift, Satellite, …), which has its own repositories. */
  readonly product?: string;
};

/**
 * Parses the CPE of a RHEL product, such as `cpe:/o:redhat:enterprise_linux:9::baseos`. From RHEL 10 on, CPEs have
 * minor versions and no channels (https://redhatproductsecurity.github.io/security-data-guidelines/cpe/). Returns
 * undefined for layered products.
 */
export function readPlatform(cpe: string): Platform | undefined {
  const [, product = '', major] = RHEL_CPE.exec(cpe) ?? [];
  const line = LINES.get(product);
  return line === undefined || major === undefined ? undefined : { namespace: `rhel:${major}`, line };
}

/**
 * Returns the RHEL releases of a component of a layered product. The release is in the channel of the CPE (`::el8`),
 * otherwise in the version or module (`1.2-3.el8sat`, `satellite:el8`). If none of these names a release, a component
 * with a version applies to no release. A component without a version (unfixed) then applies to all releases, because
 * only packages from repositories of the product match.
 */
export function readLayeredPlatforms(cpe: string, { version, module }: Component): readonly Platform[] {
  const product = layeredProduct(cpe);
  if (product === undefined) return [];
  const told = releaseOfCpe(cpe) ?? releaseOfVersion(version) ?? /:el(\d{1,3})$/.exec(module ?? '')?.[1];
  const releases = told !== undefined ? [told] : version === undefined ? RELEASES : [];
  return releases.map((release) => ({ namespace: `rhel:${release}`, line: 'main', product }));
}

/**
 * Returns the CPE of a layered product, such as `cpe:/a:redhat:openshift:4.16`; undefined for RHEL and for products of
 * other vendors.
 */
export function layeredProduct(cpe: string): string | undefined {
  const product = productCpe(cpe);
  const [, name] = /^cpe:\/[ao]:redhat:([^:]+)/.exec(product ?? '') ?? [];
  return name === undefined || LINES.has(name) ? undefined : product;
}

/** The releases whose images list their content sets. */
const RELEASES: readonly string[] = ['7', '8', '9', '10'];

/** Returns the RHEL release in a version, such as 8 for `.el8` with any product suffix or `.module+el8.10.0+…`. */
function releaseOfVersion(version: string | undefined): string | undefined {
  return /\.(?:module\+)?el(\d{1,3})/.exec(version ?? '')?.[1];
}

const RHEL_CPE = /^cpe:\/[ao]:redhat:([a-z0-9_]+):(\d+)(?:[.:]|$)/;

const LINES: ReadonlyMap<string, Platform['line']> = new Map([
  ['enterprise_linux', 'main'],
  // In RHEL 6 and 7, these repositories contain packages that are in AppStream in later releases.
  ['rhel_extras', 'main'],
  ['rhel_extras_other', 'main'],
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
