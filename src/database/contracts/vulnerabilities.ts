import type { Advisory } from '../../model/advisories/advisory.ts';
import type { VulnerabilitySummary } from '../../model/report/match.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { Severity } from '../../model/severity.ts';
import type { ShrinkBound } from '../../model/shrink-bound.ts';
import type { FeedState } from '../../model/feed.ts';
import type { SchemeId } from '../../versions/index.ts';

/** An advisory in its place: most of them did not change, and then their content is never looked at. */
export type OrderedAdvisory = {
  readonly id: string;
  /** Equal for two advisories with equal content, in whatever order their parts and packages came. */
  readonly contentHash: Buffer;
  readonly read: () => Advisory;
};

export type VulnerabilityStore = {
  /** The names that begin with `prefix`, in their order, each once; those above `after` ('' for the first), at most `limit`. */
  readonly named: (
    prefix: string,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly string[]>;
  /** Every feed's record of that name, with all that it affects; the one that was made by hand first. */
  readonly find: (name: string) => Promise<readonly VulnerabilityRecord[]>;
  /** The same of several names by one query, each once, in the order of the names. */
  readonly findAll: (names: readonly string[]) => Promise<readonly VulnerabilityRecord[]>;
  /**
   * The same of all that have that name or have it among their others, as the errata that fix a CVE do: at most `limit`
   * records, those of that name first, then by feed and name.
   */
  readonly about: (name: string, limit: number) => Promise<readonly VulnerabilityRecord[]>;
  /**
   * The names of the advisories that have one of some names, as their identifier or an alias, and affect packages of one of some
   * namespaces: at most `limit` advisories, by their identifiers.
   */
  readonly sharing: (
    names: readonly string[],
    namespaces: readonly string[],
    limit: number,
  ) => Promise<readonly Pick<VulnerabilityRecord, 'name' | 'aliases'>[]>;
  /**
   * What the feeds say of a namespace, by name, that of hands first: all records of at most `limit` names above `after`
   * ('' for the first page).
   */
  readonly inNamespace: (
    namespace: string,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly NamespaceVulnerability[]>;
  /**
   * Makes the data of a feed what `advisories` say, in one transaction: writes only what is new, changed or
   * withdrawn, each with one row in the change log, and the state of the source. Identifiers must be unique and in
   * ascending order. If the iteration fails nothing is stored.
   *
   * Of an update of what `changed` alone, what it does not name stays; records that could not be understood are then
   * counted on from the last update of `all`.
   *
   * @throws ClairError `feed/unknown` for the feed of what was made by hand.
   */
  readonly update: (update: FeedUpdate) => Promise<UpdateCounts>;
};

/** What a feed says of a vulnerability in words; of one that was made by hand, also what is kept with it, as JSON. */
export type StoredSummary = VulnerabilitySummary & { readonly metadata?: string };

export type VulnerabilityRecord = StoredSummary & Required<Pick<Advisory, 'aliases' | 'affected'>>;

/** A vulnerability with its worst severity in one namespace. */
export type NamespaceVulnerability = StoredSummary & { readonly severity: Severity };

export type FeedUpdate = {
  readonly feed: string;
  readonly scheme: SchemeId;
  readonly fetcherVersion: number;
  readonly advisories: Iterable<OrderedAdvisory> | AsyncIterable<OrderedAdvisory>;
  /** Whether this is all that the feed says, or only what changed; all when absent. */
  readonly scope?: 'all' | 'changed';
  /** With `changed`: identifiers that the feed no longer has. */
  readonly gone?: readonly string[];
  /**
   * Of which products the packages of each repository are, complete once the iteration ended; what is stored of the
   * feed stays when it is empty.
   */
  readonly repositories?: RepositoryCpes;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly recordDiagnostics: FeedState['recordDiagnostics'];
  /** Now, in milliseconds since 1970: the time of the attempt and of the changes. */
  readonly at: number;
  /** When the feed said so, where that was before: the data of an export. It is what the age of the data counts from. */
  readonly fetchedAt?: number;
  /** How much smaller than the stored data the update may be; `update` throws `feed/shrunk` beyond it. Unbounded when absent. */
  readonly maxShrink?: ShrinkBound;
};

export type UpdateCounts = {
  readonly added: number;
  readonly changed: number;
  readonly withdrawn: number;
  readonly unchanged: number;
};
