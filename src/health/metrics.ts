import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DatabaseObserver } from '../database/engines/database-observer.ts';
import { ClairError } from '../errors.ts';
import type { NotificationState } from '../model/notification.ts';
import type { FeedState } from '../model/feed.ts';
import { databaseMetrics, type DatabaseSizes, postgresMetrics } from './database-metrics.ts';

/** The Prometheus metrics of a process. */
export type Metrics = {
  readonly requestAnswered: (answer: {
    readonly route: string;
    readonly code: number;
    readonly milliseconds: number;
  }) => void;
  readonly layerAnalyzed: (work: FinishedWork) => void;
  readonly feedUpdated: (work: FinishedWork) => void;
  /** Records the time from the creation of a notification to its delivery. */
  readonly notificationSent: (latency: { readonly milliseconds: number }) => void;
  readonly notificationFailed: (at: { readonly backend: string }) => void;
  /** Counts changes that notifications omit because of ignore rules. */
  readonly changesIgnored: (ignored: { readonly changes: number }) => void;
  readonly postgres: DatabaseObserver;
  /**
   * Returns the metrics in the Prometheus text format, after reading sizes, feed states and notification counts from
   * the database. While the database is unavailable, the metrics from the database keep their last values and
   * `clair_database_up` is 0.
   */
  readonly text: () => Promise<string>;
  readonly contentType: string;
  /** Returns the Clair metrics in the order of registration, without the metrics of Node.js and the process. */
  readonly descriptions: () => Promise<readonly MetricDescription[]>;
};

export type MetricDescription = {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
};

export type FinishedWork = { readonly isDone: boolean; readonly milliseconds: number };

export type MetricsOptions = {
  readonly version: string;
  readonly feeds: () => Promise<readonly FeedState[]>;
  readonly database: () => Promise<DatabaseSizes>;
  readonly notifications: () => Promise<Readonly<Record<NotificationState, number>>>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

/**
 * The bounds of the ten buckets of Clair v2. The first bound is 9.375 ms, and each bound is twice the previous bound.
 */
const RESPONSE_BUCKETS_MS: readonly number[] = Array.from({ length: 10 }, (_, step) => 9.375 * 2 ** step);

const LAYER_BUCKETS_S: readonly number[] = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800];

/** Creates the metrics. Metrics that already existed in Clair v2 keep their names. */
export function createMetrics({ version, feeds, database, notifications, now }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const responses = new Histogram({
    name: 'clair_api_response_duration_milliseconds',
    help: 'Time from request to response, by method and route, and by status code.',
    labelNames: ['route', 'code'],
    buckets: [...RESPONSE_BUCKETS_MS],
    registers,
  });
  const layers = new Histogram({
    name: 'clair_worker_layer_duration_seconds',
    help: 'Duration of layer analyses by outcome (done or failed), including layers that were already stored.',
    labelNames: ['outcome'],
    buckets: [...LAYER_BUCKETS_S],
    registers,
  });
  const updateErrors = new Counter({
    name: 'clair_updater_errors_total',
    help: 'Failed feed updates.',
    registers,
  });
  const updateDuration = new Gauge({
    name: 'clair_updater_duration_seconds',
    help: 'Duration of the last feed update in seconds.',
    registers,
  });
  const notifierLatency = new Histogram({
    name: 'clair_notifier_latency_milliseconds',
    help: 'Time from the creation of a notification to its delivery.',
    buckets: [...RESPONSE_BUCKETS_MS],
    registers,
  });
  const notifierErrors = new Counter({
    name: 'clair_notifier_backend_errors_total',
    help: 'Failed delivery attempts by channel (webhook, amqp or v4).',
    labelNames: ['backend'],
    registers,
  });
  const ignoredChanges = new Counter({
    name: 'clair_notifier_ignored_changes_total',
    help: 'Changes that affect indexed layers, but create no notification because of ignore rules.',
    registers,
  });
  const build = new Gauge({
    name: 'clair_build_info',
    help: 'Always 1; the label is the version of Clair.',
    labelNames: ['version'],
    registers,
  });
  build.set({ version }, 1);
  const queue = new Gauge({
    name: 'clair_notifier_notifications',
    help: 'Notifications by state: waiting for delivery, delivered but unread, or dead (delivery failed for good).',
    labelNames: ['state'],
    registers,
  });
  const up = new Gauge({
    name: 'clair_database_up',
    help: '1 if the database responded to this scrape, otherwise 0.',
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
      // A thrown error would make the whole scrape fail; the server would look unavailable, and all other metrics would
      // be lost.
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
    changesIgnored: ({ changes }) => ignoredChanges.inc(changes),
    async text() {
      await askDatabase();
      return await registry.metrics();
    },
    contentType: registry.contentType,
    descriptions: async () => await descriptionsIn(registry),
    postgres: postgresMetrics(registry),
  };
}

/**
 * Matches Clair's own metrics. The metrics of Node.js and the process depend on the platform and have their own
 * documentation.
 */
const OWN_METRIC = /^clair_/;

async function descriptionsIn(registry: Registry): Promise<readonly MetricDescription[]> {
  const labels = new Map(registry.getMetricsAsArray().map((metric) => [metric.name, labelsOf(metric)]));
  return (await registry.getMetricsAsJSON())
    .filter(({ name }) => OWN_METRIC.test(name))
    .map(({ name, type, help }) => ({ name, type: String(type), labels: labels.get(name) ?? [], help }));
}

/**
 * Returns the label names of a metric. All metrics of prom-client have the field `labelNames`, but the types of
 * prom-client lack the field.
 */
function labelsOf(metric: object): readonly string[] {
  const labels: unknown = Reflect.get(metric, 'labelNames');
  return Array.isArray(labels) ? labels.map(String) : [];
}

/** Registers the metrics of the feeds, and returns a function that sets the metrics from the states in the database. */
function feedMetrics(registry: Registry, now: () => number): (states: readonly FeedState[]) => void {
  const registers = [registry];
  const labelNames = ['feed'];
  const notes = new Gauge({
    name: 'clair_updater_notes_total',
    help: 'Number of entries that Clair could not fully read, in all feeds.',
    registers,
  });
  const age = new Gauge({
    name: 'clair_feed_age_seconds',
    help: 'Seconds since the last successful update of a feed.',
    labelNames,
    registers,
  });
  const records = new Gauge({
    name: 'clair_feed_vulnerabilities',
    help: 'Number of stored vulnerabilities or enrichments of a feed.',
    labelNames,
    registers,
  });
  const failing = new Gauge({
    name: 'clair_feed_failing',
    help: '1 if the last update of a feed failed, otherwise 0.',
    labelNames,
    registers,
  });
  const refused = new Gauge({
    name: 'clair_feed_refused',
    help: '1 while the newest data of a feed is refused because the feed shrank, otherwise 0.',
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
