import type { SchemaChange } from '../migrations.ts';
import type { HeldLock, LockStore } from './locks.ts';
import type { SizeStore } from './sizes.ts';
import type { ChangeLogStore } from './change-log.ts';
import type { EnrichmentStore } from './enrichments.ts';
import type { FlagStore } from './flags.ts';
import type { ImageCountStore } from './image-counts.ts';
import type { ImageStore } from './images.ts';
import type { LayerStore } from './layers.ts';
import type { ManualStore } from './manual-vulnerabilities.ts';
import type { MatchStore } from './matches.ts';
import type { NamespaceStore } from './namespaces.ts';
import type { NotificationStore } from './notifications.ts';
import type { RepositoryStore } from './repositories.ts';
import type { RetentionStore } from './retention.ts';
import type { FeedSnapshot } from './feed-snapshot.ts';
import type { FeedStore } from './feeds.ts';
import type { SubmissionStore } from './submissions.ts';
import type { VulnerabilityStore } from './vulnerabilities.ts';

/** The stores that a report is made of. */
export type ReportSnapshot = Pick<Store, 'layers' | 'images' | 'matches' | 'enrichments' | 'repositories' | 'feeds'>;

/**
 * All that Clair remembers. The rest of the program sees only these contracts; one suite of tests
 * (`store-contract.engines.test.ts`) holds every engine to them.
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
  readonly feeds: FeedStore;
  readonly locks: LockStore;
  readonly flags: FlagStore;
  readonly retention: RetentionStore;
  readonly sizes: SizeStore;
  /**
   * Reads all feeds as they are at one moment, whatever is written meanwhile. Nothing else of the store may be waited
   * for inside of `read`: an engine with one connection does one thing after the other.
   */
  readonly feedSnapshot: <T>(read: (snapshot: FeedSnapshot) => Promise<T>) => Promise<T>;
  /**
   * Reads what reports are made of as it is at one moment, whatever is written meanwhile. Nothing else of the store may be
   * waited for inside of `read`.
   */
  readonly snapshot: <T>(read: (at: ReportSnapshot) => Promise<T>) => Promise<T>;
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
