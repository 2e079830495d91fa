import type { Digest } from './digest.ts';

/** Something installed in an image that advisories can be about. `type` is the type of its package URL (purl-spec, PURL-TYPES). */
export type Feature = SystemPackage | LibraryPackage | Binary;

/** The types of packages that the package manager of a distribution installs. */
export type SystemPackageType = 'apk' | 'deb' | 'rpm';

/** An installed binary package of a distribution, with the source package it was built from. */
export type SystemPackage = {
  readonly type: SystemPackageType;
  readonly name: string;
  /** As the package manager writes it; for rpm `epoch:version-release`, without an epoch of 0. */
  readonly version: string;
  readonly arch: string;
  /** For rpm, the source's version has no epoch: the name of a source rpm does not contain it. */
  readonly source: { readonly name: string; readonly version: string };
  /**
   * Who built the package: advisories of the distribution do not cover packages of others. For rpm the field of the package;
   * for dpkg and apk a third party that Clair knows by name, and absent for all others.
   */
  readonly vendor?: string;
  /**
   * The modularity label of rpm, `name:stream:version:context`: packages of a module are matched within its stream only.
   * An empty label differs from none: Oracle Linux has it on the packages of default streams.
   */
  readonly module?: string;
};

/** A package that the installer of a programming language put into the image. */
export type LibraryPackage = {
  readonly type: string;
  /** As the installer wrote it; `Ecosystem.lines` returns the names that advisories use. */
  readonly name: string;
  readonly version: string;
  readonly flags?: readonly LibraryFlag[];
};

/** `dev`: installed for development only; `bundled`: shipped within another package; `vendored`: copied into one. */
export const LIBRARY_FLAGS = ['dev', 'bundled', 'vendored'] as const;

export type LibraryFlag = (typeof LIBRARY_FLAGS)[number];

/** A program that no package manager installed, identified by its content. */
export type Binary = {
  readonly type: 'generic';
  readonly name: string;
  readonly version: string;
  readonly digest: Digest;
};

/** Whether the package manager of a distribution installed a feature. */
export function isSystemPackage(feature: Feature): feature is SystemPackage {
  return 'source' in feature;
}

/** Returns a text that is equal for two features exactly when all their fields are: a feature found twice is one feature. */
export function featureIdentity(feature: Feature): string {
  const { type, name, version, ...details } = feature;
  if (!('source' in details)) return [type, name, version, JSON.stringify(details)].join('\n');
  const { arch, source, vendor = '', module } = details;
  const label = module === undefined ? [] : [module];
  return [type, name, version, arch, source.name, source.version, vendor, ...label].join('\n');
}

/** Returns the architecture of a feature; empty for one without. */
export function archOf(feature: Feature): string {
  return isSystemPackage(feature) ? feature.arch : '';
}

/** Returns the source package of a feature; a feature without one is its own source. */
export function sourceOf(feature: Feature): SystemPackage['source'] {
  return isSystemPackage(feature) ? feature.source : { name: feature.name, version: feature.version };
}
