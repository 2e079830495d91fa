import { createCachedReads, createReportCaches, type ReportCaches } from './queries/cached/cached-reads.ts';
import { createChangeLogStore } from './queries/change-log/change-log-store.ts';
import { createFoundNameStore } from './queries/found-names/found-name-store.ts';
import { createUpdateHistory } from './queries/change-log/update-history.ts';
import { createImageCountStore } from './queries/images/image-count-store.ts';
import { copyDatabase, type DatabaseCopyOptions } from './database-copy.ts';
import type { DatabaseObserver } from './engines/database-observer.ts';
import type { Questions } from './engines/question.ts';
import type { ReplicaStatus } from './engines/replica-status.ts';
import type { Engine } from './engines/engine.ts';
import { fencedEngine } from './engines/fenced-engine.ts';
import { createEnrichmentStore } from './queries/enrichments/enrichment-store.ts';
import { createFileRuleStore } from './queries/file-rules/file-rule-store.ts';
import { createIgnoreRuleStore } from './queries/ignore-rule-store.ts';
import { createFlagStore } from './queries/flag-store.ts';
import { createImageStore } from './queries/images/image-store.ts';
import { createLayerStore } from './queries/layers/layer-store.ts';
import { createLockStore } from './queries/lock-store.ts';
import { createManualStore } from './queries/vulnerabilities/manual-store.ts';
import { createMatchStore } from './queries/matches/match-store.ts';
import { createNotificationStore } from './queries/notifications/notification-store.ts';
import { createUpdateNotificationStore } from './queries/notifications/update-notification-store.ts';
import { createNamespaceStore } from './queries/namespace-store.ts';
import { observedStore } from './observed-store.ts';
import { createRepositoryStore } from './queries/feeds/repository-store.ts';
import { createRetentionStore } from './queries/retention/retention-store.ts';
import { createSizeStore } from './queries/size-store.ts';
import type { PostgresOptions } from './engines/postgres/engine.ts';
import { readFeedSnapshot } from './queries/feeds/feed-snapshot.ts';
import { createSubmissionStore } from './queries/submissions/submission-store.ts';
import { createFeedStore } from './queries/feeds/feed-store.ts';
import { openSqlite } from './engines/sqlite/engine.ts';
import type { ReportSnapshot, Store } from './contracts/store.ts';
import { createVulnerabilityStore } from './queries/vulnerabilities/vulnerability-store.ts';

export type DatabaseOptions = (
  | { readonly type: 'memory' }
  | { readonly type: 'sqlite'; readonly path: string }
  /** A libpq connection string, including the password. */
  | ({ readonly type: 'postgres'; readonly source: string } & PostgresOptions)
) & {
  /**
   * The age in milliseconds at which a feed is stale for readers of this store; the stored age of each feed when
   * absent.
   */
  readonly staleAfter?: number;
};

/** A database that other threads and processes can also open. */
export type SharedDatabaseOptions = Exclude<DatabaseOptions, { type: 'memory' }>;

export type StoreOptions = {
  /** The questions of this thread. A replica, if there is one, answers queries within a question. */
  readonly questions?: Questions;
  /**
   * Receives each state change of the replica. If this function is set, this thread monitors the replica for all
   * threads.
   */
  readonly replicaChanged?: (status: ReplicaStatus) => void;
  /** Receives PostgreSQL events; the embedded database has no events. */
  readonly observer?: DatabaseObserver;
  /** Replaces the clock of the database; returns milliseconds since 1970. */
  readonly time?: () => number;
  /**
   * Whether the store creates at most one report; false by default. On SQLite, such a store has no caches of reports,
   * because filling the caches takes a third of the time of matching.
   */
  readonly isForOneReport?: boolean;
};

/**
 * Opens the database and migrates its schema.
 *
 * @throws ClairError `database/unavailable`, `database/newer-schema`, `database/older-schema`, or `config/invalid` for
 * a malformed address.
 */
export async function openStore(
  options: DatabaseOptions,
  { time, isForOneReport = false, ...opened }: StoreOptions = {},
): Promise<Store> {
  const engine = await openEngine(options, opened);
  const { observer } = opened;
  return storeOn(time === undefined ? engine : { ...engine, clock: { now: time, ask: async () => time() } }, {
    observer: options.type === 'postgres' ? observer : undefined,
    staleAfter: options.staleAfter,
    caches: isForOneReport && options.type !== 'postgres' ? null : undefined,
  });
}

/**
 * Migrates both databases, then copies all rows to the empty target database (see {@link copyDatabase}).
 *
 * @throws ClairError `config/invalid`, `database/…`, `copy/…`; the abort reason of the signal
 */
export async function copyStore(
  source: SharedDatabaseOptions,
  target: SharedDatabaseOptions,
  options: Omit<DatabaseCopyOptions, 'from' | 'to'> = {},
): Promise<void> {
  const from = await openEngine(source);
  try {
    const to = await openEngine(target);
    try {
      await copyDatabase({ ...options, from, to });
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Opens the engine of a store; see {@link openStore}. */
export async function openEngine(
  options: DatabaseOptions,
  opened: Pick<StoreOptions, 'observer' | 'questions' | 'replicaChanged'> = {},
): Promise<Engine> {
  switch (options.type) {
    case 'memory':
      return await openSqlite();
    case 'sqlite':
      return await openSqlite(options.path);
    case 'postgres':
      // Load the libraries for PostgreSQL only if they are needed, because loading takes a long time.
      return await (await import('./engines/postgres/engine.ts')).openPostgres(options.source, {
        ...options,
        ...opened,
      });
  }
}

/** The parts of a store other than its engine. */
type StoreParts = {
  readonly observer?: DatabaseObserver | undefined;
  readonly staleAfter?: DatabaseOptions['staleAfter'] | undefined;
  /** The caches of reports; null for none, and new caches when absent. */
  readonly caches?: ReportCaches | null | undefined;
};

/** Creates the store on an open engine; closing the store closes the engine. */
export function storeOn(
  engine: Engine,
  { observer, staleAfter, caches = createReportCaches() }: StoreParts = {},
): Store {
  const cached = caches ? createCachedReads(engine.read, caches, { isWaiting: isWaiting(engine) }) : undefined;
  const store: Store = {
    layers: createLayerStore(engine, cached),
    images: createImageStore(engine),
    counts: createImageCountStore(engine),
    foundNames: createFoundNameStore(engine),
    matches: createMatchStore(engine, cached),
    namespaces: createNamespaceStore(engine),
    manual: createManualStore(engine),
    fileRules: createFileRuleStore(engine),
    ignoreRules: createIgnoreRuleStore(engine),
    vulnerabilities: createVulnerabilityStore(engine),
    enrichments: createEnrichmentStore(engine),
    repositories: createRepositoryStore(engine),
    changeLog: createChangeLogStore(engine),
    updateHistory: createUpdateHistory(engine),
    notifications: createNotificationStore(engine),
    updateNotifications: createUpdateNotificationStore(engine),
    submissions: createSubmissionStore(engine),
    feeds: createFeedStore(engine, staleAfter),
    locks: createLockStore(engine),
    flags: createFlagStore(engine),
    retention: createRetentionStore(engine),
    sizes: createSizeStore(engine),
    feedSnapshot: (read) => readFeedSnapshot(engine, read),
    together: (read) =>
      engine.together === undefined
        ? read(store)
        : engine.together((queries) => read(reportSnapshot({ ...engine, read: queries }, { staleAfter, caches }))),
    snapshot: (read) =>
      engine.snapshot((queries) =>
        read(reportSnapshot({ ...engine, read: queries, clock: stopped(engine) }, { staleAfter, caches })),
      ),
    version: () => engine.version(),
    now: () => engine.clock.now(),
    under: (lease) => storeOn(fencedEngine(engine, lease), { observer, staleAfter, caches }),
    schema: engine.schema,
    ...(engine.replica && { replica: engine.replica }),
    check: () => engine.check(),
    close: () => engine.close(),
  };
  return observer === undefined ? store : observedStore(store, observer, () => performance.now());
}

/**
 * Returns a stopped clock for a snapshot, so that all queries of the snapshot use the same day for the end of support
 * of releases.
 */
function stopped({ clock }: Engine): Engine['clock'] {
  const now = clock.now();
  return { now: () => now, ask: clock.ask };
}

/** Returns whether the queries of an engine wait for a server. */
function isWaiting({ together }: Pick<Engine, 'together'>): boolean {
  return together !== undefined;
}

function reportSnapshot(engine: Engine, { staleAfter, caches }: Omit<StoreParts, 'observer'>): ReportSnapshot {
  const cached = caches
    ? createCachedReads(engine.read, caches, { isWaiting: isWaiting(engine), isOnce: true })
    : undefined;
  return {
    layers: createLayerStore(engine, cached),
    images: createImageStore(engine),
    matches: createMatchStore(engine, cached),
    enrichments: createEnrichmentStore(engine, cached),
    repositories: createRepositoryStore(engine),
    feeds: createFeedStore(engine, staleAfter, cached),
    fileRules: createFileRuleStore(engine),
  };
}
