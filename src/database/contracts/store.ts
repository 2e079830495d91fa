import type { ReplicaStatus } from '../engines/replica-status.ts';
import type { SchemaChange } from '../migrations.ts';
import type { HeldLock, LockStore } from './locks.ts';
import type { SizeStore } from './sizes.ts';
import type { ChangeLogStore } from './change-log.ts';
import type { EnrichmentStore } from './enrichments.ts';
import type { FileRuleStore } from './file-rules.ts';
import type { FlagStore } from './flags.ts';
import type { FoundNameStore } from './found-names.ts';
import type { IgnoreRuleStore } from './ignore-rules.ts';
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
import type { UpdateHistory } from './update-history.ts';
import type { UpdateNotificationStore } from './update-notifications.ts';
import type { VulnerabilityStore } from './vulnerabilities.ts';

export type ReportSnapshot = Pick<Store, 'layers' | 'images' | 'matches' | 'enrichments' | 'repositories' | 'feeds'> & {
  readonly fileRules: Pick<FileRuleStore, 'countPending' | 'watched'>;
};

/**
 * All persistent data of Clair. The program uses only these contracts; `store-contract.engines.test.ts` verifies them
 * for every engine.
 */
export type Store = {
  readonly layers: LayerStore;
  readonly images: ImageStore;
  readonly counts: ImageCountStore;
  readonly foundNames: FoundNameStore;
  readonly matches: MatchStore;
  readonly namespaces: NamespaceStore;
  readonly vulnerabilities: VulnerabilityStore;
  readonly manual: ManualStore;
  readonly fileRules: FileRuleStore;
  readonly ignoreRules: IgnoreRuleStore;
  readonly enrichments: EnrichmentStore;
  readonly repositories: RepositoryStore;
  readonly changeLog: ChangeLogStore;
  readonly updateHistory: UpdateHistory;
  readonly notifications: NotificationStore;
  readonly updateNotifications: UpdateNotificationStore;
  readonly submissions: SubmissionStore;
  readonly feeds: FeedStore;
  readonly locks: LockStore;
  readonly flags: FlagStore;
  readonly retention: RetentionStore;
  readonly sizes: SizeStore;
  /**
   * Reads all feeds in one snapshot. `read` must not wait for other calls of the store, because an engine with one
   * connection runs one call at a time.
   */
  readonly feedSnapshot: <T>(read: (snapshot: FeedSnapshot) => Promise<T>) => Promise<T>;
  /**
   * Reads data of reports on one connection, so that several reads wait for the server together. The data is not from
   * one snapshot.
   */
  readonly together: <T>(read: (at: ReportSnapshot) => Promise<T>) => Promise<T>;
  /** Reads the data of reports in one snapshot. `read` must not wait for other calls of the store. */
  readonly snapshot: <T>(read: (at: ReportSnapshot) => Promise<T>) => Promise<T>;
  /**
   * Returns a number that changes with every write. While the number stays the same, data that was read after the
   * number is current.
   */
  readonly version: () => Promise<number>;
  /**
   * Returns the time in milliseconds since 1970. All instances use the clock of the database, because the clocks of
   * machines may differ by minutes.
   */
  readonly now: () => number;
  /**
   * Returns a store for work under a lease. Each transaction of the store fails after another owner has taken the
   * lease.
   *
   * @throws ClairError `database/lease-lost` from the transactions of the returned store
   */
  readonly under: (lease: HeldLock) => Store;
  /** The schema change that opening the database made. */
  readonly schema: SchemaChange;
  /** The state of the read replica, in the thread that monitors it. */
  readonly replica?: () => ReplicaStatus;
  /** Verifies that the database responds. @throws ClairError `database/unavailable` */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
};
