import type { Server } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createHttpClient } from '../bytes/http/client.ts';
import { pauseOfClock } from '../bytes/http/retries.ts';
import { createRetryingHttp } from '../bytes/http/retrying-client.ts';
import { type CountingSchedule, startCounting } from '../counting/counting-schedule.ts';
import { createImageCount } from '../counting/image-count.ts';
import { type CountingLog, createImageCounter, type ImageCounter } from '../counting/image-counter.ts';
import { createCountPool } from '../counting/threads/count-pool.ts';
import { doneWithin } from '../database/engines/done-within.ts';
import { type DatabaseOptions, openStore } from '../database/open-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { createHealthServer } from '../health/health-server.ts';
import { createHealth } from '../health/health.ts';
import { createMetrics } from '../health/metrics.ts';
import { notifierHealth } from '../health/notifier-health.ts';
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
import { createInstanceReports } from '../report/image/instance-reports.ts';
import { followSuppressionFiles } from '../suppression/suppression-files.ts';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';
import { type Schedule, type ScheduleLog, startSchedule } from '../updater/schedule.ts';
import { createUpdaterThread } from '../updater/threads/updater-thread.ts';
import { createUpdater, type Updater, type UpdaterSettings } from '../updater/updater.ts';
import { clairVersion } from '../version.ts';
import { abandonableWorker } from '../worker/abandonable-worker.ts';
import { DETECTORS } from '../worker/detectors/index.ts';
import { createLayerRecorder } from '../worker/layer-recorder.ts';
import { createLayerReader } from '../worker/layer/layer-reader.ts';
import { createReaderPool } from '../worker/threads/reader-pool.ts';
import { createRecorderPool } from '../worker/threads/recorder-pool.ts';
import { createWorker, type Worker } from '../worker/worker.ts';
import type { ServerOptions } from './server.ts';

/** The services of one Clair, wired to each other. Close it when done. */
export type Clair = {
  readonly store: Store;
  readonly worker: Worker;
  readonly updater: Updater;
  /** Keeps feeds up to date, with so many milliseconds between two updates of each, until it is stopped. */
  readonly schedule: (intervals: ReadonlyMap<string, number>, log: ScheduleLog) => Schedule;
  /**
   * Opens the channels of the notifier, which tells of changes that touch known layers once it is started; without any
   * channel it does nothing.
   *
   * @throws ClairError `config/invalid` for settings of a channel that cannot be used.
   */
  readonly notifier: (settings: NotifierSettings, log: SenderLog) => Promise<ConfiguredNotifier>;
  /**
   * Makes the report of an image whose layers are known, base first. What the files of the instance suppress is suppressed,
   * beside what the options say.
   *
   * @throws ClairError `suppression/invalid` for files of the instance that were never read and cannot be.
   */
  readonly report: (image: ReportedImage, layers: readonly Layer[], options?: ReportOptions) => Promise<Report>;
  readonly housekeeper: (retention: Retention) => Housekeeper;
  /** Keeps house on its own, until it is stopped. */
  readonly housekeeping: (settings: HousekeepingSettings, log: HousekeepingLog) => HousekeepingSchedule;
  /** Counts images, for the lists of the API. */
  readonly counter: (log: CountingLog) => ImageCounter;
  /** Keeps the counts of images current, until it is stopped. */
  readonly counting: (log: CountingLog) => CountingSchedule;
  /**
   * Makes the HTTP server over the same services.
   *
   * @throws ClairError `cli/usage` for an allowed host that is none, `config/invalid` for certificates that are none, and for
   * registries whose files cannot be used.
   */
  readonly api: (options: ServerOptions) => Promise<FastifyInstance>;
  /** Makes the server of the health port. */
  readonly healthServer: (options: { readonly isServing: () => boolean; readonly log: FastifyBaseLogger }) => Server;
  /** Ends the analyses that run, and refuses new ones: `server/stopping`. Nothing of them is stored. */
  readonly abandon: () => void;
  /** Bounded in time whatever the database does: what still waits for it fails. */
  readonly close: () => Promise<void>;
};

/** How long the last notes of what was asked for may take to be written. */
const LAST_NOTES_MS = 2000;

/** How long things are kept, and how often it is looked for what is not; in milliseconds, and 0 for never. */
export type HousekeepingSettings = { readonly interval: number; readonly retention: Retention };

export type ComposeOptions = {
  /**
   * In how many threads layers are read, beside one in which the schedule updates feeds; in the calling one when 0, which
   * is also what it is when absent.
   */
  readonly threads?: number;
  readonly updater?: UpdaterSettings;
  /** Files with rules that suppress findings in the reports of all images; they are followed. */
  readonly suppressionFiles?: readonly string[];
  /** Where traces go; nowhere when absent. */
  readonly tracing?: Omit<TracingOptions, 'version'>;
  /** Told of what could not be noted of the layers that clients ask for; it is tried again. */
  readonly useNotRecorded?: (error: unknown) => void;
  /** The current time in milliseconds since 1970; the clock of the database when absent. */
  readonly time?: () => number;
};

/**
 * Wires all services by hand, on one database. The addresses of the updater are the operator's, and it may fetch from
 * anywhere; those of layers come from clients, and have an HTTP client of their own with a policy.
 *
 * @throws ClairError `database/…` when the database cannot be opened, `suppression/invalid` for files that are no good.
 */
export async function composeClair(
  database: DatabaseOptions,
  {
    threads = 0,
    updater: settings = {},
    suppressionFiles = [],
    tracing: traces,
    useNotRecorded = () => undefined,
    time,
  }: ComposeOptions = {},
): Promise<Clair> {
  const version = clairVersion();
  // Whatever is wrong with them is said before anything is opened.
  await followSuppressionFiles(suppressionFiles).current();
  const http = createHttpClient({ version, minimumRate: settings.minimumRate });
  const metrics = createMetrics({
    version,
    feeds: () => store.feeds.all(),
    database: async () => {
      const measured = await lastHousekeeping(store);
      return { space: await store.sizes.space(), ...(measured && { measured }) };
    },
    notifications: () => store.notifications.count(),
    now: () => store.now(),
  });
  const store = await openStore(database, { observer: metrics.postgres, ...(time && { time }) });
  const reader = threads === 0 ? createLayerReader(DETECTORS) : createReaderPool({ threads });
  // A database in memory is there for this thread alone.
  const sharedDatabase = threads === 0 || database.type === 'memory' ? undefined : database;
  const recorder =
    sharedDatabase === undefined
      ? createLayerRecorder({ store, detectors: DETECTORS })
      : createRecorderPool({ database: sharedDatabase });
  const asked = createLayerUse({ layers: store.layers, now: store.now, failed: useNotRecorded });
  const housekeeperFor = (retention: Retention): Housekeeper =>
    createHousekeeper({ store, retention, asked, now: store.now });
  const tracing = traces === undefined ? noTracing() : await openTracing({ ...traces, version });
  const observed = { tracing, now: () => performance.now() };
  const analyses = observedWork({ name: 'analyze layer', finished: metrics.layerAnalyzed, ...observed });
  const updates = observedWork({ name: 'update feed', finished: metrics.feedUpdated, ...observed });
  const plainWorker = abandonableWorker(createWorker({ store, detectors: DETECTORS, reader, recorder }));
  const worker: Worker = {
    ...plainWorker,
    analyzeLayer: (submission) =>
      analyses.observe({ 'clair.layer': submission.name }, () => plainWorker.analyzeLayer(submission)),
  };
  const plainUpdater = createUpdater({
    store,
    fetchers: FETCHERS,
    enrichers: ENRICHERS,
    http: createRetryingHttp(http, pauseOfClock),
    now: store.now,
    settings,
  });
  const thread = sharedDatabase && createUpdaterThread({ database: sharedDatabase, version, settings });
  let configured: ConfiguredNotifier | undefined;
  const observedUpdates = (of: Pick<Updater, 'update'>): Pick<Updater, 'update'> => ({
    update: (feed, options) => updates.observe({ 'clair.feed': feed }, () => of.update(feed, options)),
  });
  const updater: Updater = { ...plainUpdater, ...observedUpdates(plainUpdater) };
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
  const reports = createInstanceReports(store, suppressionFiles);
  const counts = sharedDatabase && createCountPool({ database: sharedDatabase, suppressionFiles });
  const count = counts?.count ?? createImageCount(store, reports);
  const counterFor = (log: CountingLog): ImageCounter =>
    createImageCounter({ store, count, basis: reports.basis, log });
  return {
    store,
    worker,
    updater,
    schedule: (intervals, log) =>
      startSchedule({
        updater: observedUpdates(thread ?? plainUpdater),
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
    housekeeper: housekeeperFor,
    housekeeping: ({ interval, retention }, log) =>
      startHousekeeping({ housekeeper: housekeeperFor(retention), interval, now: store.now, log }),
    counter: counterFor,
    counting: (log) => startCounting({ counter: counterFor(log), version: store.version, log }),
    async api(options) {
      // Loaded here because only a server needs its libraries, which take long to load.
      const { composeApi } = await import('./server.ts');
      const served = { store, worker, health, metrics, tracing, reports, counterFor, sharedDatabase, suppressionFiles };
      return await composeApi(
        { ...served, noteUse: ({ id }) => asked.note(id), wakeNotifier: () => configured?.wake() },
        options,
      );
    },
    healthServer: (options) => createHealthServer({ health, metrics, ...options }),
    abandon: () => plainWorker.abandon(new ClairError('server/stopping', 'the server is stopping')),
    async close() {
      await http.close();
      await reader.close();
      await recorder.close();
      const noted = asked.flush().catch(useNotRecorded);
      // Those that come too late are told of when their connection is closed.
      await doneWithin(noted, LAST_NOTES_MS);
      await thread?.close();
      await counts?.close();
      await store.close();
      await tracing.close();
    },
  };
}
