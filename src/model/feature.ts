/**
 * A package, library, program or file in an image that advisories can name. `type` is the package URL type of the
 * feature (purl-spec, PURL-TYPES).
 */
export type Feature = SystemPackage | LibraryPackage;

/** The package types of distributions. */
export type SystemPackageType = 'apk' | 'deb' | 'rpm';

/** An installed binary package of a distribution, with its source package. */
export type SystemPackage = {
  readonly type: SystemPackageType;
  readonly name: string;
  /** The version in the notation of the package manager; for rpm `epoch:version-release`, without an epoch of 0. */
  readonly version: string;
  readonly arch: string;
  /**
   * The source package. For rpm, the version of the source package has no epoch, because the names of source rpms
   * contain no epoch.
   */
  readonly source: { readonly name: string; readonly version: string };
  /**
   * The builder of the package, which determines whether the advisories of the distribution cover the package. For rpm,
   * the builder is the field `Vendor`; for dpkg and apk, a known third party. Absent for all other packages.
   */
  readonly vendor?: string;
  /**
   * The rpm modularity label, `name:stream:version:context`. Packages of a module match only advisories for the stream
   * of the module. An empty label differs from an absent label, because Oracle Linux uses an empty label for packages
   * of default streams.
   */
  readonly module?: string;
  /** The namespace of the package's release if that release differs from the release of the image, as in some SBOMs. */
  readonly release?: string;
  /** Present if the epoch of an rpm package is unknown, because the SBOM contains no epochs. */
  readonly epoch?: 'unknown';
};

/**
 * A package of a programming language, a program without a package manager (`generic`), or a file of a file rule
 * (`file`).
 */
export type LibraryPackage = {
  readonly type: string;
  /** The name in the notation of the package manager; `Ecosystem.lines` returns the names in advisories. */
  readonly name: string;
  readonly version: string;
  /**
   * The name in advisories, if the name cannot be derived from `name`; no feed covers a `generic` program without this
   * name.
   */
  readonly matchedAs?: string;
  readonly flags?: readonly LibraryFlag[];
  /**
   * The distinct, sorted names that a package of uncertain group may have in advisories. The `name` then contains no
   * group, and only advisories about the candidates match.
   */
  readonly candidates?: readonly string[];
};

/**
 * `dev` means that the package is only for development; `bundled`, that it is shipped inside another package;
 * `vendored`, that it was copied into another package.
 */
export const LIBRARY_FLAGS = ['dev', 'bundled', 'vendored'] as const;

export type LibraryFlag = (typeof LIBRARY_FLAGS)[number];

/** Returns whether a feature is a package of a distribution. */
export function isSystemPackage(feature: Feature): feature is SystemPackage {
  return 'source' in feature;
}

/** Returns a key that is equal for two features if and only if all their fields are equal. */
export function featureIdentity(feature: Feature): string {
  if ('source' in feature) {
    const { type, name, version, arch, source, vendor = '', module, release, epoch } = feature;
    const label = module === undefined ? '' : `\n${module}`;
    const stated = release === undefined && epoch === undefined ? '' : `\n${JSON.stringify({ release, epoch })}`;
    return `${type}\n${name}\n${version}\n${arch}\n${source.name}\n${source.version}\n${vendor}${label}${stated}`;
  }
  const { type, name, version, ...details } = feature;
  return [type, name, version, JSON.stringify(inOrder(details))].join('\n');
}

/** Sorts the fields of an object by name, because they may have been added in any order. */
function inOrder(details: object): object {
  return Object.fromEntries(Object.entries(details).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** Returns a library without its flags, which describe the installation; returns other features unchanged. */
export function withoutFlags(feature: Feature): Feature {
  if (isSystemPackage(feature) || feature.flags === undefined) return feature;
  const { flags: _, ...others } = feature;
  return others;
}

/** Returns the flags of a library; an empty list for other features. */
export function flagsOf(feature: Feature): readonly LibraryFlag[] {
  return isSystemPackage(feature) ? [] : (feature.flags ?? []);
}

/** Returns the candidates of a library whose group is uncertain; an empty list for other features. */
export function candidatesOf(feature: Feature): readonly string[] {
  return isSystemPackage(feature) || 'digest' in feature ? [] : (feature.candidates ?? []);
}

/** Returns the architecture of a feature; empty without an architecture. */
export function archOf(feature: Feature): string {
  return isSystemPackage(feature) ? feature.arch : '';
}

/** Returns the source package of a feature; a feature without a source package is its own source package. */
export function sourceOf(feature: Feature): SystemPackage['source'] {
  return isSystemPackage(feature) ? feature.source : { name: feature.name, version: feature.version };
}
