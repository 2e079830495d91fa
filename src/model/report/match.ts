import { isCveId } from '../enrichment.ts';
import { type Feature } from '../feature.ts';
import type { Severity, SeverityOrigin } from '../severity.ts';
import type { NoteKind, Status } from '../advisories/status.ts';

/** A stored vulnerability without its affected packages. */
export type VulnerabilitySummary = {
  readonly feed: string;
  readonly name: string;
  readonly link: string;
  readonly description: string;
};

/** Returns the CVEs among the name and the aliases of a vulnerability. */
export function cvesOf({ name, aliases }: Pick<Match['vulnerability'], 'name' | 'aliases'>): readonly string[] {
  // Most advisories of distributions have no aliases.
  if (aliases.length === 0) return isCveId(name) ? [name] : [];
  return [name, ...aliases].filter(isCveId);
}

/**
 * A package of a layer for which it is undecided whether a vulnerability affects the package: the feed has not decided
 * yet, or the SBOM lacks the epoch that the comparison needs.
 */
export type Undecided = {
  readonly feed: string;
  readonly vulnerability: string;
  readonly namespace: string;
  readonly status: Status;
  readonly feature: Feature;
  /** The depth of the layer that added the package's installed version. */
  readonly originDepth: number;
};

/**
 * An advisory that is not a vulnerability but a note about a package of a layer, such as the end of the package's
 * maintenance.
 */
export type Note = Pick<Match, 'vulnerability' | 'namespace' | 'fixed' | 'feature' | 'originDepth'> & {
  readonly kind: NoteKind;
};

/** A vulnerable package of a layer. */
export type Match = {
  readonly vulnerability: VulnerabilitySummary & { readonly aliases: readonly string[] };
  readonly namespace: string;
  readonly severity: Severity;
  readonly severityFrom: SeverityOrigin;
  readonly status: Status;
  /** The first version that is not affected; null without a fix. */
  readonly fixed: string | null;
  /** The affected range on the version line; `fixed` is the end of the range. */
  readonly range: MatchedRange;
  readonly feature: Feature;
  /** The depth of the layer that added the package's installed version. */
  readonly originDepth: number;
};

/** The version line and the bounds of an affected range. */
export type MatchedRange = {
  /** The name in the feed, which is the name of a source package, a library or, for rpm, possibly a binary package. */
  readonly name: string;
  /** Present if the name is the name of an rpm source package. */
  readonly role?: 'source';
  /** The first affected version; null for 0. */
  readonly introduced: string | null;
  /** The last affected version, if the feed names this version instead of a fixed version. */
  readonly lastAffected: string | null;
};

/** The matches, undecided pairs and notes of a layer. */
export type Verdicts = {
  /** The matches, most severe first. */
  readonly matches: readonly Match[];
  /** The distinct undecided pairs of a vulnerability and a package, without the pairs that are matches. */
  readonly undecided: readonly Undecided[];
  /**
   * The notes in order of name and package. Each pair of an advisory and a package is listed once; pairs that are
   * matches are omitted.
   */
  readonly notes: readonly Note[];
};
