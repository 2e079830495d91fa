import type { Feature } from '../model/feature.ts';
import type { Distribution } from '../model/releases/distribution.ts';
import type { FindingClass } from '../model/report/finding-class.ts';
import type { SchemeId } from '../versions/index.ts';
import type { PackageUrl } from './package-url.ts';

/** The rules of a feature type for names, version order, lookup and package URLs. All functions are pure. */
export type Ecosystem<F extends Feature = Feature> = {
  readonly type: F['type'];
  /** The version order of the features. */
  readonly scheme: SchemeId;
  /**
   * The prefixes of the ecosystem's namespaces, such as `debian` for `debian:12`. In an ecosystem without releases, the
   * only prefix is the whole namespace, such as `npm`.
   */
  readonly namespaces: readonly string[];
  /**
   * Returns the namespace in which a feature is matched; empty for a feature that no feed covers, such as a third-party
   * package.
   *
   * @param release the namespace of the distribution, such as `debian:12`; empty without a distribution
   */
  namespaceOf(feature: F, release: string): string;
  /**
   * Returns the version lines of a feature, starting with the version line that feeds use most. Names are written as in
   * advisories: normalised by PEP 503 for PyPI, and in lower case for Composer, NuGet and Hex.
   */
  lines(feature: F): readonly [Lookup, ...Lookup[]];
  /**
   * Returns the properties to which advisories may be limited. Absent if advisories apply to every feature with the
   * name.
   */
  traits?(feature: F): FeatureTraits;
  /** Returns the package URL (purl-spec). */
  purl(feature: F, distribution: PurlDistribution | null): string;
  /**
   * Returns the feature that a package URL names; this is the inverse of `purl`. Returns undefined for other types, and
   * if a required part, such as the version, is missing.
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
 * The role of a version line whose name may differ from the name of the package. `source` is the version line of an rpm
 * source package.
 */
export type LineRole = 'source';

/** The properties of a feature to which an advisory may be limited. */
export type FeatureTraits = {
  /**
   * The architecture; null for a feature without an architecture, which advisories for specific architectures do not
   * match.
   */
  readonly arch: string | null;
  /**
   * The rpm module stream in the form `name:stream`; empty outside modules; {@link ANY_MODULE} for a package that
   * advisories for every stream match; null for a package of an unknown module, which no advisory matches.
   */
  readonly module: string | null;
};

/** A module that matches advisories for every stream, because the default streams of Oracle Linux have no name. */
export const ANY_MODULE = '*';

export const NO_TRAITS: FeatureTraits = { arch: null, module: '' };

/** The parts of a distribution that package URLs contain. */
export type PurlDistribution = Pick<Distribution, 'id' | 'namespace' | 'version'>;
