import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { type CountingSchedule, startCounting } from '../counting/counting-schedule.ts';
import { createImageCount } from '../counting/image-count.ts';
import { type CountingLog, createImageCounter, type ImageCounter } from '../counting/image-counter.ts';
import { createCountPool } from '../counting/threads/count-pool.ts';
import { doneWithin } from '../threads/done-within.ts';
import type { Question } from '../database/engines/question.ts';
import type { ReplicaStatus } from '../database/engines/replica-status.ts';
import type { DatabaseOptions } from '../database/open-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { createHealthServer } from '../health/health-server.ts';
import { createHealth } from '../health/health.ts';
import { createMetrics } from '../health/metrics.ts';
import { countNotifications, notifierHealth } from '../health/notifier-health.ts';
import { observedWork } from '../health/observed-work.ts';
import { noTracing, openTracing, type TracingOptions } from '../health/tracing.ts';
import { createLayerUse } from '../housekeeper/layer-use.ts';
import { createHousekeeper, type Housekeeper, lastHousekeeping, type Retention } from '../housekeeper/housekeeper.ts';
import {
  type HousekeepingLog,
  type HousekeepingSchedule,
  startHousekeeping,
} from '../housekeeper/housekeeping-schedule.ts';
import type { Layer } from '../model/layer.ts';
import type { Report } from '../model/report/report.ts';
import type { ConfiguredNotifier } from '../notifier/configured-notifier.ts';
import type { NotifierSettings } from '../notifier/notifier-settings.ts';
import type { SenderLog } from '../notifier/sender.ts';
import type { ReportedImage, ReportOptions } from '../report/image/image-report.ts';
import { followSuppressionFiles } from '../suppression/suppression-files.ts';
import { type Schedule, type ScheduleLog, startSchedule } from '../updater/schedule.ts';
import { createFeedUpdater } from '../updater/feed-updater.ts';
import { createUpdaterThread } from '../updater/threads/updater-thread.ts';
import type { Updater, UpdaterSettings } from '../updater/updater.ts';
import { clairVersion } from '../version.ts';
import { abandonableWorker } from '../worker/abandonable-worker.ts';
import { createFileIndexer, type IndexedStep } from '../worker/files/file-indexer.ts';
import { type FileIndexing, type FileIndexingLog, indexAll, startFileIndexing } from '../worker/files/file-indexing.ts';
import { createFileIndexPool, type FileIndexPool } from '../worker/files/threads/file-index-pool.ts';
import type { Worker } from '../worker/worker.ts';
import { composeImageAnalysis, type ImageAnalysis, type ImageAnalysisOptions } from './image-analysis.ts';
import type { ServerOptions } from './server.ts';

/** The connected services of a Clair instance. The caller must close the instance. */
export type Clair = {
  readonly store: Store;
  readonly worker: Worker;
  readonly updater: Updater;
  /** Starts scheduled feed updates with the interval of each feed in milliseconds. */
  readonly schedule: (intervals: ReadonlyMap<string, number>, log: ScheduleLog) => Schedule;
  /**
   * Opens the channels of the notifier. The notifier delivers notifications only after it is started, and only if a
   * channel is configured.
   *
   * @throws ClairError `config/invalid` for invalid settings of a channel
   */
  readonly notifier: (settings: NotifierSettings, log: SenderLog) => Promise<ConfiguredNotifier>;
  /**
   * Creates the report of an indexed image. The suppression files of the instance apply in addition to the suppressions
   * in the options.
   *
   * @param layers the layers of the image, base first
   * @throws ClairError `suppression/invalid` for suppression files that were never readable
   */
  readonly report: (image: ReportedImage, layers: readonly Layer[], options?: ReportOptions) => Promise<Report>;
  /** Returns a digest of the report inputs that are not in the database; see `InstanceReports`. */
  readonly basis: () => Promise<string>;
  readonly temporary: ImageAnalysis['temporary'];
  readonly housekeeper: (retention: Retention) => Housekeeper;
  /** Starts scheduled housekeeping. */
  readonly housekeeping: (settings: HousekeepingSettings, log: HousekeepingLog) => HousekeepingSchedule;
  /** Creates the counter of findings per image, for the image lists of the API. */
  readonly counter: (log: CountingLog) => ImageCounter;
  /** Starts scheduled counting. */
  readonly counting: (log: CountingLog) => CountingSchedule;
  /** Starts a job that searches stored layers for the files of new rules. */
  readonly fileIndexing: (log: FileIndexingLog) => FileIndexing;
  /**
   * Immediately searches stored layers for the files of new rules. Returns false if another instance is already
   * searching.
   *
   * @throws ClairError `database/…`; the abort reason of the signal
   */
  readonly indexFiles: (signal: AbortSignal, told?: (did: IndexedStep) => void) => Promise<boolean>;
  /**
   * Creates the HTTP server for these services.
   *
   * @throws ClairError `cli/usage` for an invalid allowed host, `config/invalid` for unusable certificates or registry
   * files
   */
  readonly api: (options: ServerOptions) => Promise<FastifyInstance>;
  readonly healthServer: (options: { readonly isServing: () => boolean; readonly log: FastifyBaseLogger }) => Server;
  /** Aborts running analyses without storing anything, and rejects new analyses with `server/stopping`. */
  readonly abandon: () => void;
  /** Closes all services in bounded time, even if the database does not respond. Pending queries fail. */
  readonly close: () => Promise<void>;
};

/** The time limit for the last write of layer uses when the instance is closed. */
const LAST_NOTES_MS = 2000;

/**
 * The retention, and the interval between runs of housekeeping in milliseconds; with an interval of 0, housekeeping
 * never runs.
 */
export type HousekeepingSettings = { readonly interval: number; readonly retention: Retention };

export type ComposeOptions = Pick<
  ImageAnalysisOptions,
  'threads' | 'areThreadsStarted' | 'classifiers' | 'hasFileDigests' | 'suppressionFiles'
> & {
  readonly updater?: UpdaterSettings;
  /** The settings of tracing; when absent, tracing is off. */
  readonly tracing?: Omit<TracingOptions, 'version'>;
  /** Receives the error if layer uses cannot be written; the write is retried. */
  readonly useNotRecorded?: (error: unknown) => void;
  /**
   * Receives each change of the state of the database's replica. If this function is absent, Clair does not use the
   * replica.
   */
  readonly replicaChanged?: (status: ReplicaStatus) => void;
  /** The current time in milliseconds since 1970; the clock of the database when absent. */
  readonly time?: () => number;
};

/**
 * Creates all services on the same database. Feed URLs come from the operator, so the updater may fetch from any host.
 * Layer URLs come from clients, so layers are fetched by a separate HTTP client with a host policy.
 *
 * @throws ClairError `database/…` if the database cannot be opened, `suppression/invalid` for invalid suppression files
 */
export async function composeClair(
  opened: DatabaseOptions,
  {
    threads = 0,
    areThreadsStarted = false,
    updater: settings = {},
    suppressionFiles = [],
    classifiers = [],
    hasFileDigests = false,
    tracing: traces,
    useNotRecorded = () => undefined,
    replicaChanged,
    time,
  }: ComposeOptions = {},
): Promise<Clair> {
  const version = clairVersion();
  const { staleAfter } = settings;
  // Read the suppression files first, so that an invalid file is reported before anything is opened.
  await followSuppressionFiles(suppressionFiles).current();
  const metrics = createMetrics({
    version,
    feeds: () => store.feeds.all(),
    database: async () => {
      const measured = await lastHousekeeping(store);
      return { space: await store.sizes.space(), ...(measured && { measured }) };
    },
    notifications: () => countNotifications(store),
    now: () => store.now(),
  });
  const hasReplica = opened.type === 'postgres' && opened.replica !== undefined && replicaChanged !== undefined;
  const questions = hasReplica ? new AsyncLocalStorage<Question>() : undefined;
  const analysis = await composeImageAnalysis(opened, {
    threads,
    areThreadsStarted,
    classifiers,
    hasFileDigests,
    suppressionFiles,
    staleAfter,
    time,
    observer: metrics.postgres,
    replica: questions && replicaChanged && { questions, changed: replicaChanged },
  });
  const { store, reports, sharedDatabase } = analysis;
  const asked = createLayerUse({ layers: store.layers, now: store.now, failed: useNotRecorded });
  const housekeeperFor = (retention: Retention): Housekeeper =>
    createHousekeeper({ store, retention, asked, now: store.now });
  const tracing = traces === undefined ? noTracing() : await openTracing({ ...traces, version });
  const observed = { tracing, now: () => performance.now() };
  const analyses = observedWork({ name: 'analyze layer', finished: metrics.layerAnalyzed, ...observed });
  const updates = observedWork({ name: 'update feed', finished: metrics.feedUpdated, ...observed });
  const plainWorker = abandonableWorker(analysis.worker);
  const worker: Worker = {
    ...plainWorker,
    analyzeLayer: (submission) =>
      analyses.observe({ 'clair.layer': submission.name }, () => plainWorker.analyzeLayer(submission)),
  };
  const feeds = createFeedUpdater(store, settings, version);
  const thread = sharedDatabase && createUpdaterThread({ database: sharedDatabase, version, settings });
  let configured: ConfiguredNotifier | undefined;
  const observedUpdates = (of: Pick<Updater, 'update'>): Pick<Updater, 'update'> => ({
    update: (feed, options) => updates.observe({ 'clair.feed': feed }, () => of.update(feed, options)),
  });
  const updater: Updater = { ...feeds.updater, ...observedUpdates(feeds.updater) };
  const health = createHealth({
    store,
    now: store.now,
    services: () => ({
      worker: async () => ({
        isHealthy: true,
        isEssential: false,
        details: { engineVersion: worker.engineVersion, ...analyses.counts() },
      }),
      ...(configured?.hasChannels === true && { notifier: async () => await notifierHealth(store) }),
    }),
  });
  const counts = sharedDatabase && createCountPool({ database: sharedDatabase, suppressionFiles });
  const count = counts?.count ?? createImageCount(store, reports);
  const files = sharedDatabase && createFileIndexPool({ database: sharedDatabase });
  const indexStep: FileIndexPool['step'] = files?.step ?? createFileIndexer(store).step;
  const counterFor = (log: CountingLog): ImageCounter =>
    createImageCounter({ store, count, basis: reports.basis, log });
  return {
    store,
    worker,
    updater,
    schedule: (intervals, log) =>
      startSchedule({
        updater: observedUpdates(thread ?? feeds.updater),
        states: store.feeds,
        intervals,
        now: store.now,
        log,
      }),
    async notifier(notifierSettings, log) {
      const { configureNotifier } = await import('../notifier/configured-notifier.ts');
      const wired = { store, observer: metrics, now: store.now, log, version };
      configured = await configureNotifier({ ...wired, settings: notifierSettings });
      return configured;
    },
    report: reports.report,
    basis: reports.basis,
    temporary: analysis.temporary,
    housekeeper: housekeeperFor,
    housekeeping: ({ interval, retention }, log) =>
      startHousekeeping({ housekeeper: housekeeperFor(retention), interval, now: store.now, log }),
    counter: counterFor,
    counting: (log) => startCounting({ counter: counterFor(log), version: store.version, log }),
    fileIndexing: (log) => startFileIndexing({ store, step: indexStep, log, finished: () => configured?.wake() }),
    indexFiles: (signal, told) => indexAll(store, indexStep, signal, told),
    async api(options) {
      // The server is loaded on demand, because other commands do not need its libraries and loading these libraries is
      // slow.
      const { composeApi } = await import('./server.ts');
      const services = { store, worker, health, metrics, tracing, reports, questions };
      const served = { ...services, counterFor, sharedDatabase, suppressionFiles };
      return await composeApi(
        { ...served, noteUse: ({ id }) => asked.note(id), wakeNotifier: () => configured?.wake() },
        options,
      );
    },
    healthServer: (options) => createHealthServer({ health, metrics, ...options }),
    abandon: () => plainWorker.abandon(new ClairError('server/stopping', 'the server is stopping')),
    async close() {
      await feeds.close();
      await analysis.stop();
      const noted = asked.flush().catch(useNotRecorded);
      // A write that takes longer than this limit fails when its connection is closed.
      await doneWithin(noted, LAST_NOTES_MS);
      await thread?.close();
      await counts?.close();
      await files?.close();
      await store.close();
      await tracing.close();
    },
  };
}
