import { openOverlayStore, type RecordedImage } from '../database/overlay-store.ts';
import type { Store } from '../database/contracts/store.ts';
import type { EngineVersion } from '../model/engine/engine-version.ts';
import { createInstanceReports, type InstanceReports } from '../report/image/instance-reports.ts';
import type { Detector } from '../worker/detectors/detector.ts';
import { createLayerReader, type LayerReader } from '../worker/layer/layer-reader.ts';
import { createLayerRecorder } from '../worker/layer-recorder.ts';
import { type ClaimedLayers, seekingReader } from '../worker/rereading/claimed-layers.ts';
import { createWorker, type Worker } from '../worker/worker.ts';

/** The services for an image whose layers are not stored. The caller must close the analysis. */
export type TemporaryAnalysis = {
  /** A store with the advisories of the database and, in memory, the layers of the image. */
  readonly store: Store;
  readonly worker: Worker;
  readonly report: InstanceReports['report'];
  readonly close: () => Promise<void>;
};

export type TemporaryAnalysisOptions = {
  /** The SQLite file of the instance. */
  readonly path: string;
  /** The store of the instance, on the SQLite file. */
  readonly stored: Store;
  readonly detectors: readonly Detector[];
  /** The version of the detectors. */
  readonly engineVersion: EngineVersion;
  /** The reader of the instance, for large images. */
  readonly reader: LayerReader;
  readonly suppressionFiles: readonly string[];
  readonly staleAfter: number | undefined;
  /** The images of all temporary analyses of the instance. */
  readonly recorded: RecordedImage[];
};

/**
 * The minimum size of images that are read by threads. A smaller image takes less time to read than threads take to
 * start.
 */
const MIN_BYTES_FOR_THREADS = 64 * 1024 * 1024;

/**
 * Opens the analysis of an image whose layers are read by seeking. Each image has its own store, because layers of two
 * images can claim the same digest with different contents.
 *
 * @throws ClairError `database/unavailable`
 */
export async function openTemporaryAnalysis(
  claimed: ClaimedLayers,
  { path, stored, detectors, engineVersion, reader, suppressionFiles, staleAfter, recorded }: TemporaryAnalysisOptions,
): Promise<TemporaryAnalysis> {
  const store = await openOverlayStore({ path, stored, staleAfter, recorded });
  const plain = claimed.bytes < MIN_BYTES_FOR_THREADS ? createLayerReader(detectors) : reader;
  return {
    store,
    worker: createWorker({
      store,
      engineVersion,
      reader: seekingReader(plain, claimed),
      recorder: createLayerRecorder({ store, detectors }),
    }),
    report: createInstanceReports(store, suppressionFiles, staleAfter).report,
    close: store.close,
  };
}
