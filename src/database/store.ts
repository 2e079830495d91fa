import type { Advisory, AffectedPackage } from '../model/advisory.ts';
import type { Digest } from '../model/digest.ts';
import type { EnrichmentKind, Enrichments } from '../model/enrichment.ts';
import type { InstalledPackage, Layer, PackageChange } from '../model/layer.ts';
import type { ManualVulnerability } from '../model/manual-vulnerability.ts';
import type { Match, Undecided, Verdicts, VulnerabilitySummary } from '../model/match.ts';
import type { RepositoryCpes } from '../model/repository-cpes.ts';
import type { Severity } from '../model/severity.ts';
import type { ShrinkBound } from '../model/shrink-bound.ts';
import type { SourceState } from '../model/source.ts';
import type { SchemeId } from '../versions/scheme.ts';
import type { OrderedAdvisory } from './advisory-order.ts';
import type { ChangeLogStore } from './change-log.ts';
import type { ImageCountStore } from './counts/image-counts.ts';
import type { OrderedEnrichment } from './enrichment-order.ts';
import type { ImageStore, KnownImage } from './known-images.ts';
import type { HeldLock, LockStore } from './lock-store.ts';
import type { SchemaChange } from './migrations.ts';
import type { NotificationStore } from './notifications.ts';
import type { RetentionStore } from './retention.ts';
import type { SizeStore } from './size-store.ts';
import type { SubmissionStore } from './submissions.ts';
import type { StoredEnrichment } from './stored-enrichments.ts';

/**
 * All that Clair remembers. The rest of the program sees only these contracts; one suite of tests
 * (`store-contract.test.ts`) holds every engine to them.
 */
export type Store = {
  readonly layers: LayerStore;
  readonly images: ImageStore;
  readonly counts: ImageCountStore;
  readonly matches: MatchStore;
  readonly namespaces: NamespaceStore;
  readonly vulnerabilities: VulnerabilityStore;
  readonly manual: ManualStore;
  readonly enrichments: EnrichmentStore;
  readonly repositories: RepositoryStore;
  readonly changeLog: ChangeLogStore;
  readonly notifications: NotificationStore;
  readonly submissions: SubmissionStore;
  readonly sources: SourceStore;
  readonly locks: LockStore;
  readonly flags: FlagStore;
  readonly retention: RetentionStore;
  readonly sizes: SizeStore;
  /**
   * Reads all sources as they are at one moment, whatever is written meanwhile. Nothing else of the store may be waited
   * for inside of `read`: an engine with one connection does one thing after the other.
   */
  readonly snapshot: <T>(read: (snapshot: SourceSnapshot) => Promise<T>) => Promise<T>;
  /**
   * A number that is another one after anything was written, by whoever: as long as it stays, so does all that was read
   * after it was asked for.
   */
  readonly version: () => Promise<number>;
  /**
   * The time in milliseconds since 1970, by the clock of the database: what instances compare with each other is told by
   * it, since the clocks of their machines may differ by minutes.
   */
  readonly now: () => number;
  /**
   * The same store for work under a lease: each transaction fails once another one has taken it.
   *
   * @throws from its transactions, ClairError `database/lease-lost`
   */
  readonly under: (lease: HeldLock) => Store;
  /** What was done to the schema of the database when it was opened. */
  readonly schema: SchemaChange;
  /** Proves that the database answers. @throws ClairError `database/unavailable` */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type LayerStore = {
  /** The layer of that name that the newest engine analysed. */
  readonly find: (name: string) => Promise<Layer | undefined>;
  readonly get: (id: number) => Promise<Layer | undefined>;
  /** The layer and its ancestors, base first. */
  readonly chain: (id: number) => Promise<readonly Layer[]>;
  /**
   * Stores a layer whole, or not at all; one that is there already, by name and engine version, stays as it is.
   *
   * @throws ClairError `layer/parent-unknown` when its parent was removed meanwhile.
   */
  readonly insert: (layer: NewLayer) => Promise<Layer>;
  readonly packages: (id: number) => Promise<readonly InstalledPackage[]>;
  /** What the layer itself adds and removes; packages that only changed their namespace are neither. */
  readonly changes: (id: number) => Promise<readonly PackageChange[]>;
  /** The stored findings of a content digest, as they were packed, if this engine read it before. */
  readonly findings: (digest: Digest, engineVersion: number) => Promise<Uint8Array | undefined>;
  /** Keeps the findings of a content digest before any layer has them. */
  readonly keepFindings: (digest: Digest, engineVersion: number, findings: Uint8Array) => Promise<void>;
  /**
   * Forgets the layers of that name, all that were built on them, and the images of which one was the topmost. Gives how
   * many layers there were; what their bytes say by themselves is kept, by digest.
   */
  readonly remove: (name: string) => Promise<number>;
  /** Notes that layers were asked for at a time, in milliseconds since 1970; only its day is kept. */
  readonly noteAsked: (ids: readonly number[], at: number) => Promise<void>;
  /** How many layers only an older engine has analysed. */
  readonly countOutdated: (engineVersion: number) => Promise<number>;
};

export type NewLayer = Omit<Layer, 'id' | 'parent' | 'depth'> & {
  readonly parent: Pick<Layer, 'id' | 'depth'> | null;
  readonly changes: readonly PackageChange[];
  /** What the layer says by itself, packed. */
  readonly findings: Uint8Array;
};

export type MatchStore = {
  /** Forward: every vulnerability of every package that is installed at a layer. */
  readonly ofLayer: (id: number) => Promise<readonly Match[]>;
  /**
   * Every vulnerability of every package that is installed at a layer of which its source does not say whether it affects
   * the package, by source and name; each pair of them once, and none that is a match.
   */
  readonly undecided: (id: number) => Promise<readonly Undecided[]>;
  /** Both at the cost of one. */
  readonly verdicts: (id: number) => Promise<Verdicts>;
  /**
   * Backward: the layers that bring in a package affected by the vulnerability of that name, in order of their id; of a
   * layer that several engines analysed, what the newest found.
   */
  readonly introducingLayers: (vulnerability: string, page: LayerPage) => Promise<readonly LayerReference[]>;
  /**
   * The same for what an advisory says, whether it is stored or not: the layers that bring in a package which `affected`
   * finds affected, and none which `except` does.
   */
  readonly affectedLayers: (of: AffectedLayersQuery, page: LayerPage) => Promise<readonly LayerReference[]>;
  /**
   * The images in which a package is installed at the topmost layer that a vulnerability of one of these names affects,
   * whichever layer brought it: each once, in the order in which the first layer of each that brings such a package in became
   * known, and then by their ids. Never more than `limit`; one call looks at so many images only, and may give fewer, or
   * none, while `next` leads on.
   */
  readonly affectedImages: (vulnerabilities: readonly string[], page: AffectedImagePage) => Promise<AffectedImages>;
};

export type AffectedLayersQuery = {
  readonly affected: readonly AffectedPackage[];
  readonly except?: readonly AffectedPackage[];
};

/** A page of layers: those with an id above `after` (0 for the first page), at most `limit`. */
export type LayerPage = { readonly after: number; readonly limit: number };
export type LayerReference = { readonly id: number; readonly name: string };

/** A page of images: those behind `after`, undefined for the first page, at most `limit`. */
export type AffectedImagePage = { readonly after: ImagePosition | undefined; readonly limit: number };

/** A place among the images that layers are in: by the ids of a layer and of an image, the layer first. */
export type ImagePosition = { readonly layer: number; readonly image: number };

export type AffectedImages = {
  readonly images: readonly KnownImage[];
  /** Behind what the next page starts; undefined when there are no more. */
  readonly next: ImagePosition | undefined;
};

/** The namespaces of the packages and vulnerabilities that are known. */
export type NamespaceStore = {
  /** By name. */
  readonly all: () => Promise<readonly KnownNamespace[]>;
  /** How the versions of a namespace are ordered; undefined for one that is not known. */
  readonly scheme: (name: string) => Promise<SchemeId | undefined>;
};

export type KnownNamespace = { readonly name: string; readonly scheme: SchemeId };

export type VulnerabilityStore = {
  /** The names that begin with `prefix`, in their order, each once; those above `after` ('' for the first), at most `limit`. */
  readonly named: (
    prefix: string,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly string[]>;
  /** Every source's record of that name, with all that it affects; the one that was made by hand first. */
  readonly find: (name: string) => Promise<readonly VulnerabilityRecord[]>;
  /**
   * The same of all that have that name or have it among their others, as the errata that fix a CVE do: at most `limit`
   * records, those of that name first, then by source and name.
   */
  readonly about: (name: string, limit: number) => Promise<readonly VulnerabilityRecord[]>;
  /**
   * What the sources say of a namespace, by name, that of hands first: all records of at most `limit` names above `after`
   * ('' for the first page).
   */
  readonly inNamespace: (
    namespace: string,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly NamespaceVulnerability[]>;
  /**
   * Makes the data of a source what `advisories` say, in one transaction: writes only what is new, changed or
   * withdrawn, each with one row in the change log, and the state of the source. Identifiers must be unique and in
   * ascending order. If the iteration fails nothing is stored.
   *
   * Of an update of what `changed` alone, what it does not name stays; records that could not be understood are then
   * counted on from the last update of `all`.
   *
   * @throws ClairError `source/unknown` for the source of what was made by hand.
   */
  readonly update: (update: SourceUpdate) => Promise<UpdateCounts>;
};

/** What a source says of a vulnerability in words; of one that was made by hand, also what is kept with it, as JSON. */
export type StoredSummary = VulnerabilitySummary & { readonly metadata?: string };

export type VulnerabilityRecord = StoredSummary & Required<Pick<Advisory, 'aliases' | 'affected'>>;

/** A vulnerability with its worst severity in one namespace. */
export type NamespaceVulnerability = StoredSummary & { readonly severity: Severity };

/** Vulnerabilities that were made by hand: a source of their own, which updates never touch. */
export type ManualStore = {
  /**
   * Makes the vulnerability of that name what `change` gives for what it is; undefined stands for none. One transaction,
   * with a row in the change log if there is a difference. Gives what it is now.
   *
   * @throws ClairError `version/invalid` for a bound that the namespace's scheme cannot order; `namespace/not-found` for a
   * namespace whose scheme nothing tells; what `change` throws.
   */
  readonly edit: (edit: ManualEdit) => Promise<ManualVulnerability | undefined>;
};

export type ManualEdit = {
  readonly name: string;
  /** Now, in milliseconds since 1970. */
  readonly at: number;
  /** What a client says of how versions are ordered, by namespace: for those that are not known yet. */
  readonly formats?: ReadonlyMap<string, SchemeId>;
  readonly change: (present: ManualVulnerability | undefined) => ManualVulnerability | undefined;
};

export type SourceUpdate = {
  readonly source: string;
  readonly scheme: SchemeId;
  readonly fetcherVersion: number;
  readonly advisories: Iterable<OrderedAdvisory> | AsyncIterable<OrderedAdvisory>;
  /** Whether this is all that the source says, or only what changed; all when absent. */
  readonly scope?: 'all' | 'changed';
  /** With `changed`: identifiers that the source no longer has. */
  readonly gone?: readonly string[];
  /**
   * Of which products the packages of each repository are, complete once the iteration ended; what is stored of the
   * source stays when it is empty.
   */
  readonly repositories?: RepositoryCpes;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly unclear: SourceState['unclear'];
  /** Now, in milliseconds since 1970: the time of the attempt and of the changes. */
  readonly at: number;
  /** When the source said so, where that was before: the data of an export. It is what the age of the data counts from. */
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

/**
 * Facts about CVEs that are no feed of their own. Scores that give an advisory another severity are a change of the advisory,
 * and logged as one; other facts have no change log.
 */
export type EnrichmentStore = {
  /**
   * Makes the enrichments of a kind what their one source says, in one transaction: writes only what is new, changed or
   * gone, and the state of the source. CVEs must be unique and in ascending order. If the iteration fails nothing is
   * stored.
   *
   * Of an update of what `changed` alone, what is stored of other CVEs stays; one that has no value any more is gone.
   */
  readonly update: (update: EnrichmentUpdate) => Promise<UpdateCounts>;
  /** What is known of each of these CVEs; those of which nothing is known are absent. */
  readonly ofCves: (cves: readonly string[]) => Promise<ReadonlyMap<string, Enrichments>>;
};

export type EnrichmentUpdate = Omit<SourceUpdate, 'scheme' | 'advisories' | 'gone' | 'repositories'> & {
  readonly kind: EnrichmentKind;
  readonly enrichments: Iterable<OrderedEnrichment> | AsyncIterable<OrderedEnrichment>;
};

/** Of which products the packages of repositories are; written together with the advisories of their source. */
export type RepositoryStore = {
  /** The products of each of these repositories; those that no source lists are absent. */
  readonly cpesOf: (repositories: readonly string[]) => Promise<RepositoryCpes>;
};

export type SourceStore = {
  readonly all: () => Promise<readonly SourceState[]>;
  readonly find: (source: string) => Promise<SourceState | undefined>;
  /** Notes an attempt that found the upstream unchanged. */
  readonly recordUnchanged: (source: string, at: number) => Promise<void>;
  /** Records a failed attempt; the data stays. With `isRefused` the newest data is known and was not accepted. */
  readonly recordFailure: (
    source: string,
    at: number,
    error: string,
    options?: { readonly isRefused?: boolean },
  ) => Promise<void>;
  /** Keeps from when on the data of a source is too old, in milliseconds; as by default with null. For one that was tried. */
  readonly setStaleAfter: (source: string, staleAfter: number | null) => Promise<void>;
  /** The sources that hold data for a namespace. */
  readonly covering: (namespace: string) => Promise<readonly string[]>;
};

/** The sources at one moment. */
export type SourceSnapshot = {
  readonly sources: readonly SourceState[];
  /** All that a source says, by ascending identifier; only a page of it is in memory. */
  readonly advisories: (source: string) => AsyncIterable<StoredAdvisory>;
  /** Of which products the packages of each repository are that a source lists, by ascending name. */
  readonly repositories: (source: string) => Promise<RepositoryCpes>;
  /** All that is known of CVEs, of one kind, by ascending CVE; only a page of it is in memory. */
  readonly enrichments: (kind: EnrichmentKind) => AsyncIterable<StoredEnrichment>;
};

/** An advisory as it is stored, and what it is compared by: it cannot be told from the content, of which it was parts. */
export type StoredAdvisory = { readonly advisory: Advisory; readonly contentHash: Uint8Array };

/** Small facts that must survive a restart. */
export type FlagStore = {
  readonly get: (name: string) => Promise<string | undefined>;
  readonly set: (name: string, value: string) => Promise<void>;
};
