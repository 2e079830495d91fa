import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Store } from '../database/contracts/store.ts';
import type { DatabaseObserver } from '../database/engines/database-observer.ts';
import type { Question } from '../database/engines/question.ts';
import type { ReplicaStatus } from '../database/engines/replica-status.ts';
import { type DatabaseOptions, openStore, type SharedDatabaseOptions } from '../database/open-store.ts';
import type { RecordedImage } from '../database/overlay-store.ts';
import { createInstanceReports, type InstanceReports } from '../report/image/instance-reports.ts';
import type { Detector } from '../worker/detectors/detector.ts';
import { engineVersionWith } from '../worker/detectors/engine-version.ts';
import type { Classifier } from '../worker/detectors/libraries/programs/classifier.ts';
import type { LayerRecorder } from '../worker/layer-recorder.ts';
import type { ClaimedLayers } from '../worker/rereading/claimed-layers.ts';
import { createReaderPool } from '../worker/threads/reader-pool.ts';
import { createRecorderPool } from '../worker/threads/recorder-pool.ts';
import { createWorker, type Worker } from '../worker/worker.ts';
import type { TemporaryAnalysis } from './temporary-analysis.ts';

/** The services that analyse images and create their reports. The caller must close them. */
export type ImageAnalysis = {
  readonly store: Store;
  readonly worker: Worker;
  readonly reports: InstanceReports;
  /** The database for other threads; undefined without threads, and for a database in memory. */
  readonly sharedDatabase: SharedDatabaseOptions | undefined;
  /**
   * Opens the analysis of an image whose layers are read by seeking and not stored. Returns undefined if the database
   * is not an SQLite file, or with `hasFileDigests`, because file digests require reading whole layers. {@link
   * ImageAnalysis.stop} also closes the analysis.
   *
   * @throws ClairError `database/unavailable`
   */
  readonly temporary: (claimed: ClaimedLayers) => Promise<TemporaryAnalysis> | undefined;
  /** Ends the analyses and their threads; the store remains open. */
  readonly stop: () => Promise<void>;
  /** Ends the analyses, and closes the store. */
  readonly close: () => Promise<void>;
};

export type ImageAnalysisOptions = {
  /**
   * The number of threads that analyse layers. With 0, the default, the calling thread analyses layers. Analysis on the
   * calling thread is suitable for tests, but not for servers, because large layers block the thread.
   */
  readonly threads?: number;
  /**
   * Whether the threads start at once. By default, they start with the first layer, or at once if the database is in
   * memory.
   */
  readonly areThreadsStarted?: boolean;
  readonly classifiers?: readonly Classifier[];
  /** Whether to compute the digests of the files in layers; false by default. */
  readonly hasFileDigests?: boolean;
  /** The suppression files for all images; changed files are reloaded. */
  readonly suppressionFiles?: readonly string[];
  /** The age of the last update, in milliseconds, at which a feed becomes stale; the default of the store if absent. */
  readonly staleAfter?: number | undefined;
  /** Whether at most one report is created; false by default. */
  readonly isForOneReport?: boolean;
  /** The current time in milliseconds since 1970; the clock of the database when absent. */
  readonly time?: (() => number) | undefined;
  /** Receives the queries and connections of PostgreSQL. */
  readonly observer?: DatabaseObserver;
  /** The questions that the replica of the database may answer, and the receiver of changes of its state. */
  readonly replica?:
    | { readonly questions: AsyncLocalStorage<Question>; readonly changed: (status: ReplicaStatus) => void }
    | undefined;
};

/**
 * Opens the database, and creates the services that analyse images and create their reports. Commands for images use
 * these services without the other services of an instance, because loading the libraries of a server takes longer than
 * the analysis of a small image.
 *
 * @throws ClairError `database/…` if the database cannot be opened
 */
export async function composeImageAnalysis(
  opened: DatabaseOptions,
  {
    threads = 0,
    areThreadsStarted = false,
    classifiers = [],
    hasFileDigests = false,
    suppressionFiles = [],
    staleAfter,
    isForOneReport = false,
    time,
    observer,
    replica,
  }: ImageAnalysisOptions = {},
): Promise<ImageAnalysis> {
  const database: DatabaseOptions = { ...opened, ...(staleAfter !== undefined && { staleAfter }) };
  const engineVersion = engineVersionWith(classifiers, hasFileDigests);
  // The code that reads and records layers is loaded on demand, because compiling the code takes longer than most steps
  // of a scan of an indexed image.
  const detectors = async (): Promise<readonly Detector[]> =>
    (await import('../worker/detectors/index.ts')).detectorsWith(classifiers);
  const reader =
    threads === 0
      ? (await import('../worker/layer/layer-reader.ts')).createLayerReader(await detectors(), { hasFileDigests })
      : createReaderPool({
          threads,
          classifiers,
          hasFileDigests,
          // A database in memory has no layers, so its threads can start while it is opened.
          areStarted: areThreadsStarted || database.type === 'memory',
        });
  // A database in memory is not accessible from other threads.
  const sharedDatabase = threads === 0 || database.type === 'memory' ? undefined : database;
  const loadRecorder = async (): Promise<(store: Store) => LayerRecorder> => {
    if (sharedDatabase !== undefined) return () => createRecorderPool({ database: sharedDatabase });
    const { createLayerRecorder } = await import('../worker/layer-recorder.ts');
    const loaded = await detectors();
    return (store) => createLayerRecorder({ store, detectors: loaded });
  };
  // The code is loaded before a database in memory is opened, because opening it blocks the start of the threads.
  const createRecorder = await loadRecorder();
  const store = await openStore(database, {
    isForOneReport,
    ...(observer && { observer }),
    ...(time && { time }),
    ...(replica && { questions: replica.questions, replicaChanged: replica.changed }),
  }).catch(async (error: unknown) => {
    // The error of the database is the cause of the failure, even if ending the threads fails too.
    await Promise.allSettled([reader.close()]);
    throw error;
  });
  const recorder = createRecorder(store);
  const temporaries: Promise<TemporaryAnalysis>[] = [];
  const recorded: RecordedImage[] = [];

  /** Closes all parts, even if closing one of them fails. */
  async function stop(): Promise<void> {
    try {
      await reader.close();
      const settled = await Promise.allSettled(temporaries);
      await Promise.all(
        settled.map(async (each) => (each.status === 'fulfilled' ? await each.value.close() : undefined)),
      );
    } finally {
      await recorder.close();
    }
  }

  return {
    store,
    worker: createWorker({ store, engineVersion, hasFileDigests, reader, recorder }),
    reports: createInstanceReports(store, suppressionFiles, staleAfter),
    sharedDatabase,
    temporary(claimed) {
      if (database.type !== 'sqlite' || hasFileDigests) return undefined;
      const { path } = database;
      const options = { path, stored: store, engineVersion, reader, suppressionFiles, staleAfter, recorded };
      const analysis = import('./temporary-analysis.ts').then(
        async ({ openTemporaryAnalysis }) =>
          await openTemporaryAnalysis(claimed, { ...options, detectors: await detectors() }),
      );
      temporaries.push(analysis);
      return analysis;
    },
    stop,
    async close() {
      try {
        await stop();
      } finally {
        await store.close();
      }
    },
  };
}
