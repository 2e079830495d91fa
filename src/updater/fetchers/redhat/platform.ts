import type { Component } from './component.ts';
import { productCpe, releaseOfCpe } from './product-cpe.ts';

/** A product of Red Hat whose packages are matched: a line of releases of RHEL, or a layered product on one. */
export type Platform = {
  readonly namespace: string;
  /**
   * - `main`: what everybody gets who has a subscription or uses the free images, or has the layered product;
   * - `extended`: an older minor release, or a whole release at its end, that is bought longer support for;
   * - `last`: as that, and no later line of the release follows: every version from its fix on carries it.
   */
  readonly line: 'main' | 'extended' | 'last';
  /** The CPE of a layered product (OpenShift, Satellite, …), whose packages come from repositories of their own. */
  readonly product?: string;
};

/**
 * Reads the CPE of a product (`cpe:/o:redhat:enterprise_linux:9::baseos`, RHEL 10 on with minor versions and without
 * channels: https://redhatproductsecurity.github.io/security-data-guidelines/cpe/). Gives undefined for layered products.
 */
export function readPlatform(cpe: string): Platform | undefined {
  const [, product = '', major] = RHEL_CPE.exec(cpe) ?? [];
  const line = LINES.get(product);
  return line === undefined || major === undefined ? undefined : { namespace: `rhel:${major}`, line };
}

/**
 * The releases of RHEL on which a component of a layered product is. Its CPE tells that in the place of a channel (`::el8`),
 * else the version or the module of the component does (`1.2-3.el8sat`, `satellite:el8`). What is not fixed has no version,
 * and then all are meant: only packages from repositories of the product are matched. A version of no release gives none.
 */
export function readLayeredPlatforms(cpe: string, { version, module }: Component): readonly Platform[] {
  const product = layeredProduct(cpe);
  if (product === undefined) return [];
  const told = releaseOfCpe(cpe) ?? releaseOfVersion(version) ?? /:el(\d{1,3})$/.exec(module ?? '')?.[1];
  const releases = told !== undefined ? [told] : version === undefined ? RELEASES : [];
  return releases.map((release) => ({ namespace: `rhel:${release}`, line: 'main', product }));
}

/** The name of a layered product, `cpe:/a:redhat:openshift:4.16`; undefined for RHEL and for what is none of Red Hat's. */
export function layeredProduct(cpe: string): string | undefined {
  const product = productCpe(cpe);
  const [, name] = /^cpe:\/[ao]:redhat:([^:]+)/.exec(product ?? '') ?? [];
  return name === undefined || LINES.has(name) ? undefined : product;
}

/** The releases whose images tell their content sets. */
const RELEASES: readonly string[] = ['7', '8', '9', '10'];

/** `.el8` with anything behind that makes it that of a product; `.module+el8.10.0+…`. */
function releaseOfVersion(version: string | undefined): string | undefined {
  return /\.(?:module\+)?el(\d{1,3})/.exec(version ?? '')?.[1];
}

const RHEL_CPE = /^cpe:\/[ao]:redhat:([a-z0-9_]+):(\d+)(?:[.:]|$)/;

const LINES: ReadonlyMap<string, Platform['line']> = new Map([
  ['enterprise_linux', 'main'],
  // Of RHEL 6 and 7: what later releases have in AppStream.
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
