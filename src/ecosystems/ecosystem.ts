import type { Feature } from '../model/feature.ts';
import type { Distribution } from '../model/releases/distribution.ts';
import type { FindingClass } from '../model/report/finding-class.ts';
import type { SchemeId } from '../versions/index.ts';
import type { PackageUrl } from './package-url.ts';

/** The rules for one feature type: names, version order, lookup and package URLs. All functions are pure. */
export type Ecosystem<F extends Feature = Feature> = {
  readonly type: F['type'];
  /** The version order of the features. */
  readonly scheme: SchemeId;
  /**
   * The prefixes of the ecosystem's namespaces: `debian` for `debian:12`. An ecosystem without releases has one prefix,
   * its type.
   */
  readonly namespaces: readonly string[];
  /**
   * Returns the namespace in which a feature is matched; empty for a feature without a feed, such as a third-party
   * package.
   *
   * @param release the namespace of the distribution: `debian:12`; empty if there is no distribution
   */
  namespaceOf(feature: F, release: string): string;
  /**
   * Returns the version lines of a feature, starting with the version line that feeds use most. Names are written as in
   * advisories: normalised by PEP 503 for PyPI, in lower case for NuGet and Hex.
   */
  lines(feature: F): readonly [Lookup, ...Lookup[]];
  /**
   * Returns the properties that advisories may be limited to. Absent if advisories apply to every feature with the
   * name.
   */
  traits?(feature: F): FeatureTraits;
  /** Returns the package URL (purl-spec). */
  purl(feature: F, distribution: PurlDistribution | null): string;
  /**
   * Returns the feature that a package URL names, the inverse of `purl`; undefined for other types, and if a required
   * version is missing.
   */
  featureOf(purl: PackageUrl): F | undefined;
  /**
   * Whether aliases of the ecosystem's advisories are names of the same vulnerability, as OSV defines aliases. Absent
   * if feeds publish errata and notices, whose aliases are the fixed vulnerabilities (docs/reference/report.md, "Merged
   * findings").
   */
  readonly aliasesAreNames?: true;
  /** Returns the class of the findings in a feature; `package` when absent. */
  findingClass?(feature: F): FindingClass;
};

/** A point on a version line: the name of a feature in feeds, and the version. */
export type Lookup = { readonly name: string; readonly version: string; readonly role?: LineRole };

/**
 * The role of a version line whose name differs from the name of the package: the version line of an rpm source
 * package.
 */
export type LineRole = 'source';

/** The properties of a feature that an advisory may be limited to. */
export type FeatureTraits = {
  /**
   * The architecture; null for a feature without an architecture; advisories for one architecture do not match such a
   * feature.
   */
  readonly arch: string | null;
  /**
   * The rpm module stream, `name:stream`; empty outside modules, {@link ANY_MODULE} for a package that advisories of
   * every stream match. Null for a package of an unknown module, which no advisory matches.
   */
  readonly module: string | null;
};

/** A module that matches advisories of every stream: the default streams of Oracle Linux have no name. */
export const ANY_MODULE = '*';

export const NO_TRAITS: FeatureTraits = { arch: null, module: '' };

/** The parts of a distribution that package URLs contain. */
export type PurlDistribution = Pick<Distribution, 'id' | 'namespace' | 'version'>;
