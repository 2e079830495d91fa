import { isCveId } from '../enrichment.ts';
import { type Feature } from '../feature.ts';
import type { Severity, SeverityOrigin } from '../severity.ts';
import type { Status } from '../advisories/status.ts';

/** A vulnerability as it is stored, without what it affects. */
export type VulnerabilitySummary = {
  readonly feed: string;
  readonly name: string;
  readonly link: string;
  readonly description: string;
};

/** The CVEs that a vulnerability is about: itself, or those among its other names. */
export function cvesOf({ name, aliases }: Pick<Match['vulnerability'], 'name' | 'aliases'>): readonly string[] {
  return [name, ...aliases].filter(isCveId);
}

/** A package of a layer of which a feed does not say whether the vulnerability affects it (`NOT_FINDINGS`). */
export type Undecided = {
  readonly feed: string;
  readonly vulnerability: string;
  readonly namespace: string;
  readonly status: Status;
  readonly feature: Feature;
  /** The depth of the layer that brought the package's present version. */
  readonly originDepth: number;
};

/** One vulnerable package of a layer: the forward answer is a list of these. */
export type Match = {
  readonly vulnerability: VulnerabilitySummary & { readonly aliases: readonly string[] };
  readonly namespace: string;
  readonly severity: Severity;
  readonly severityFrom: SeverityOrigin;
  readonly status: Status;
  /** The first version that is not affected; null when there is none. */
  readonly fixed: string | null;
  /** What of the line of a name the feed says it of, beside its end at `fixed`. */
  readonly range: MatchedRange;
  readonly feature: Feature;
  /** The depth of the layer that brought the package's present version. */
  readonly originDepth: number;
};

/** From where on, and on which line, a feed finds versions affected. */
export type MatchedRange = {
  /** The name that the source uses: that of a source package, or of rpm also that of a binary one. */
  readonly name: string;
  /** Set where it is, of rpm, the name of a source. */
  readonly role?: 'source';
  /** The first version that is affected; null where that is 0. */
  readonly introduced: string | null;
  /** The last one, where only that is told. */
  readonly lastAffected: string | null;
};

/** What is known of the packages of a layer. */
export type Verdicts = {
  /** The worst first. */
  readonly matches: readonly Match[];
  /** Each pair of a vulnerability and a package once, and none that is a match. */
  readonly undecided: readonly Undecided[];
};
