import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DatabaseObserver } from '../database/engines/database-observer.ts';
import { ClairError } from '../errors.ts';
import type { NotificationState } from '../model/notification.ts';
import type { FeedState } from '../model/feed.ts';
import { databaseMetrics, type DatabaseSizes, postgresMetrics } from './database-metrics.ts';

/** What happened, as numbers that Prometheus collects. One for each process, which is passed in. */
export type Metrics = {
  readonly requestAnswered: (answer: {
    readonly route: string;
    readonly code: number;
    readonly milliseconds: number;
  }) => void;
  readonly layerAnalyzed: (work: FinishedWork) => void;
  readonly feedUpdated: (work: FinishedWork) => void;
  /** A notification was delivered so long after it was made. */
  readonly notificationSent: (latency: { readonly milliseconds: number }) => void;
  readonly notificationFailed: (at: { readonly backend: string }) => void;
  /** For a database on PostgreSQL. */
  readonly postgres: DatabaseObserver;
  /**
   * In the text form of Prometheus; asks the database for its size, the state of the feeds and the queue of the notifier.
   * While it is away they are what it said last, and `clair_database_up` says so.
   */
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

export type FinishedWork = { readonly isDone: boolean; readonly milliseconds: number };

export type MetricsOptions = {
  readonly version: string;
  readonly feeds: () => Promise<readonly FeedState[]>;
  readonly database: () => Promise<DatabaseSizes>;
  /** How many notifications there are in each state. */
  readonly notifications: () => Promise<Readonly<Record<NotificationState, number>>>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

/** Those of the original: ten buckets from 9.375 ms on, each twice the one before. */
const RESPONSE_BUCKETS_MS: readonly number[] = Array.from({ length: 10 }, (_, step) => 9.375 * 2 ** step);

const LAYER_BUCKETS_S: readonly number[] = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800];

/** Makes the metrics; those that the original had are called as there. */
export function createMetrics({ version, feeds, database, notifications, now }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const responses = new Histogram({
    name: 'clair_api_response_duration_milliseconds',
    help: 'Time from a request to its answer.',
    labelNames: ['route', 'code'],
    buckets: [...RESPONSE_BUCKETS_MS],
    registers,
  });
  const layers = new Histogram({
    name: 'clair_worker_layer_duration_seconds',
    help: 'Time that the analysis of a layer took.',
    labelNames: ['outcome'],
    buckets: [...LAYER_BUCKETS_S],
    registers,
  });
  const updateErrors = new Counter({
    name: 'clair_updater_errors_total',
    help: 'Updates of a feed that failed.',
    registers,
  });
  const updateDuration = new Gauge({
    name: 'clair_updater_duration_seconds',
    help: 'Time that the last update of a feed took.',
    registers,
  });
  const notifierLatency = new Histogram({
    name: 'clair_notifier_latency_milliseconds',
    help: 'Time from a notification to its delivery.',
    buckets: [...RESPONSE_BUCKETS_MS],
    registers,
  });
  const notifierErrors = new Counter({
    name: 'clair_notifier_backend_errors_total',
    help: 'Notifications that a channel could not deliver.',
    labelNames: ['backend'],
    registers,
  });
  const build = new Gauge({
    name: 'clair_build_info',
    help: 'The version of Clair.',
    labelNames: ['version'],
    registers,
  });
  build.set({ version }, 1);
  const queue = new Gauge({
    name: 'clair_notifier_notifications',
    help: 'Notifications that wait for their first delivery, were delivered and not read, or were given up.',
    labelNames: ['state'],
    registers,
  });
  const up = new Gauge({
    name: 'clair_database_up',
    help: 'Whether the database answered when it was asked for these metrics.',
    registers,
  });
  const setFeeds = feedMetrics(registry, now);
  const setDatabase = databaseMetrics(registry, now);

  async function askDatabase(): Promise<void> {
    try {
      setFeeds(await feeds());
      setDatabase(await database());
      for (const [state, count] of Object.entries(await notifications())) queue.set({ state }, count);
      up.set(1);
    } catch (error) {
      // A scrape that fails would look like a server that is down, and show nothing of how it is.
      if (!(error instanceof ClairError) || error.code !== 'database/unavailable') throw error;
      up.set(0);
    }
  }

  return {
    requestAnswered: ({ route, code, milliseconds }) => responses.observe({ route, code }, milliseconds),
    layerAnalyzed({ isDone, milliseconds }) {
      layers.observe({ outcome: isDone ? 'done' : 'failed' }, milliseconds / 1000);
    },
    feedUpdated({ isDone, milliseconds }) {
      if (!isDone) updateErrors.inc();
      updateDuration.set(milliseconds / 1000);
    },
    notificationSent: ({ milliseconds }) => notifierLatency.observe(milliseconds),
    notificationFailed: ({ backend }) => notifierErrors.inc({ backend }),
    async text() {
      await askDatabase();
      return await registry.metrics();
    },
    contentType: registry.contentType,
    postgres: postgresMetrics(registry),
  };
}

/** What the database knows of the feeds, of which other instances may have updated some. */
function feedMetrics(registry: Registry, now: () => number): (states: readonly FeedState[]) => void {
  const registers = [registry];
  const labelNames = ['feed'];
  const notes = new Gauge({
    name: 'clair_updater_notes_total',
    help: 'Records of the feeds that were not understood.',
    registers,
  });
  const age = new Gauge({
    name: 'clair_feed_age_seconds',
    help: 'Time since the last update of a feed that worked.',
    labelNames,
    registers,
  });
  const records = new Gauge({
    name: 'clair_feed_vulnerabilities',
    help: 'Vulnerabilities that are stored of a feed.',
    labelNames,
    registers,
  });
  const failing = new Gauge({
    name: 'clair_feed_failing',
    help: 'Whether the last update of a feed failed.',
    labelNames,
    registers,
  });
  const refused = new Gauge({
    name: 'clair_feed_refused',
    help: 'Whether the newest data of a feed was refused because it shrank, so that older data is used.',
    labelNames,
    registers,
  });
  return (states) => {
    notes.set(states.reduce((sum, { recordDiagnostics }) => sum + recordDiagnostics.count, 0));
    for (const { feed, lastSuccess, vulnerabilities, error, refused: refusal } of states) {
      if (lastSuccess !== null) age.set({ feed }, (now() - lastSuccess) / 1000);
      records.set({ feed }, vulnerabilities);
      failing.set({ feed }, error === null ? 0 : 1);
      refused.set({ feed }, refusal === null ? 0 : 1);
    }
  };
}
