import type { Feature } from '../model/feature.ts';
import type { Distribution } from '../model/releases/distribution.ts';
import type { FindingClass } from '../model/report/finding-class.ts';
import type { SchemeId } from '../versions/index.ts';

/** What Clair must know of one type of features: how they are named, ordered, looked up and written as package URLs. Pure. */
export type Ecosystem<F extends Feature = Feature> = {
  readonly type: F['type'];
  /** How its versions are ordered. */
  readonly scheme: SchemeId;
  /** What the names of its namespaces start with: `debian` for `debian:12`. An ecosystem without releases has one, its type. */
  readonly namespaces: readonly string[];
  /**
   * Returns the namespace in which a feature is matched; empty for one that no feed covers, such as a package of a third party.
   *
   * @param release the namespace of the distribution: `debian:12`; empty without one
   */
  namespaceOf(feature: F, release: string): string;
  /**
   * Returns the version lines that a feature lies on, the one that feeds use most first. Their names are in the form of advisories:
   * for PyPI as PEP 503 has it, for NuGet in lower case.
   */
  lines(feature: F): readonly [Lookup, ...Lookup[]];
  /** Returns what advisories may be limited to. Absent where they are about every feature of a name. */
  traits?(feature: F): FeatureTraits;
  /** Returns the package URL (purl-spec). */
  purl(feature: F, distribution: PurlDistribution | null): string;
  /**
   * Whether the aliases of its advisories are other names of the vulnerability, as OSV defines them. Absent where feeds publish
   * errata and notices: their aliases are the vulnerabilities that one erratum fixes (docs/report.md, "One finding for all names").
   */
  readonly aliasesAreNames?: true;
  /** Returns the class of the findings in a feature; `package` when absent. */
  findingClass?(feature: F): FindingClass;
};

/** A point on a version line: a name by which feeds may know a feature, and its version there. */
export type Lookup = { readonly name: string; readonly version: string; readonly role?: LineRole };

/** What the name of a version line is the name of, where that is not the package itself: the source package of rpm. */
export type LineRole = 'source';

/** The properties of a feature that an advisory may be limited to. */
export type FeatureTraits = {
  /** Null for a feature without an architecture, which no advisory for a single one means. */
  readonly arch: string | null;
  /**
   * The module stream of rpm, `name:stream`; empty outside of modules, {@link ANY_MODULE} for a package that advisories of every
   * stream mean. Null for a package of an unknown module, which none means.
   */
  readonly module: string | null;
};

/** A module that advisories of every stream mean: the default streams of Oracle Linux have no name. */
export const ANY_MODULE = '*';

export const NO_TRAITS: FeatureTraits = { arch: null, module: '' };

/** What a package URL says of the distribution. */
export type PurlDistribution = Pick<Distribution, 'id' | 'namespace'>;
