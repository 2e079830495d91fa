import type { Advisory } from '../../model/advisories/advisory.ts';
import type { VulnerabilitySummary } from '../../model/report/match.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { Severity } from '../../model/severity.ts';
import type { ShrinkBound } from '../../model/shrink-bound.ts';
import type { FeedState } from '../../model/feed.ts';
import type { FeedScheme } from '../../ecosystems/feed-scheme.ts';

/** An advisory of an update. `read` is called only for changed advisories, because most advisories do not change. */
export type OrderedAdvisory = {
  readonly id: string;
  /** A hash of the content that does not depend on the order of parts and packages. */
  readonly contentHash: Buffer;
  readonly read: () => Advisory;
};

export type VulnerabilityStore = {
  /** Returns distinct names with a prefix in ascending order, above `after` ('' for the first page). */
  readonly named: (
    prefix: string,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly string[]>;
  /** Returns the advisories with a name from all feeds, the manual advisory first. */
  readonly find: (name: string) => Promise<readonly VulnerabilityRecord[]>;
  /** Returns the advisories of several distinct names in one query, in the order of the names. */
  readonly findAll: (names: readonly string[]) => Promise<readonly VulnerabilityRecord[]>;
  /**
   * Returns the advisories with this name or alias, such as the errata that fix a CVE. Advisories with the name come
   * before advisories with the alias; within these groups, the order is by feed and name.
   */
  readonly about: (name: string, limit: number) => Promise<readonly VulnerabilityRecord[]>;
  /**
   * Returns the advisories with one of these names or aliases that affect a package in one of these namespaces, by
   * identifier.
   */
  readonly sharing: (
    names: readonly string[],
    namespaces: readonly string[],
    limit: number,
  ) => Promise<readonly Pick<VulnerabilityRecord, 'name' | 'aliases'>[]>;
  /**
   * Returns the advisories for a namespace with the next `limit` names after `after` ('' for the first page). Among the
   * advisories with the same name, manual advisories are first.
   */
  readonly inNamespace: (
    namespace: string,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly NamespaceVulnerability[]>;
  /**
   * Replaces the advisories of a feed in one transaction. Writes only the differences, their entries in the change log,
   * and the state of the feed. Identifiers must be unique and in ascending order. If the iteration fails, nothing is
   * stored.
   *
   * With the scope `changed`, other advisories stay, and diagnostics about advisories are added to the stored
   * diagnostics, unless `hasAllDiagnostics` is set.
   *
   * @throws ClairError `feed/unknown` for the feed of manual vulnerabilities; `feed/shrunk` and `artifact/invalid` (see
   * {@link FeedUpdate}); `version/invalid` for a bound that the scheme cannot order; the errors of the iteration
   */
  readonly update: (update: FeedUpdate) => Promise<UpdateCounts>;
};

/** `metadata` is JSON; only manual vulnerabilities have metadata. */
export type StoredSummary = VulnerabilitySummary & { readonly metadata?: string };

export type VulnerabilityRecord = StoredSummary & Required<Pick<Advisory, 'aliases' | 'affected'>>;

/** A vulnerability with its worst severity in one namespace. */
export type NamespaceVulnerability = StoredSummary & { readonly severity: Severity };

export type FeedUpdate = {
  readonly feed: string;
  readonly scheme: FeedScheme;
  readonly fetcherVersion: number;
  readonly advisories: Iterable<OrderedAdvisory> | AsyncIterable<OrderedAdvisory>;
  /** All advisories of the feed (the default), or only changes. */
  readonly scope?: 'all' | 'changed';
  /** With the scope `changed`, the identifiers of removed advisories. */
  readonly gone?: readonly string[];
  /**
   * The namespaces that the update replaces; all namespaces when absent. Packages in other namespaces, and advisories
   * that affect only other namespaces, stay unchanged.
   */
  readonly within?: readonly string[];
  /** The products (CPEs) of each repository, complete after the iteration; an empty map keeps the stored products. */
  readonly repositories?: RepositoryCpes;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly recordDiagnostics: FeedState['recordDiagnostics'];
  /** Whether the diagnostics about advisories cover the whole feed, although the scope is `changed`. */
  readonly hasAllDiagnostics?: boolean;
  /**
   * The fingerprint (`FeedSnapshot`) that the feed must have after the update; any fingerprint when absent. An update
   * with a different result fails with `artifact/invalid`.
   */
  readonly fingerprint?: string;
  /** The time of the attempt and of the changes, in milliseconds since 1970. */
  readonly at: number;
  /**
   * The time of the data, if the data is older than the attempt, as in an export. The age of the data is measured from
   * this time.
   */
  readonly fetchedAt?: number;
  /** The maximum loss of stored data before the update fails with `feed/shrunk`; unlimited when absent. */
  readonly maxShrink?: ShrinkBound;
};

export type UpdateCounts = {
  readonly added: number;
  readonly changed: number;
  readonly withdrawn: number;
  readonly unchanged: number;
};
