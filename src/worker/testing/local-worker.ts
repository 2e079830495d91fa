import type { Detector } from '../detectors/detector.ts';
import { engineVersionOf } from '../detectors/engine-version.ts';
import { createLayerReader } from '../layer/layer-reader.ts';
import { createLayerRecorder } from '../layer-recorder.ts';
import { createWorker, type Worker, type WorkerOptions } from '../worker.ts';

type LocalWorkerOptions = Pick<WorkerOptions, 'store' | 'hasFileDigests'> &
  Partial<Pick<WorkerOptions, 'reader' | 'recorder'>> & { readonly detectors: readonly Detector[] };

/** Creates a worker that by default reads and records layers in this thread. */
export function createLocalWorker({
  store,
  detectors,
  hasFileDigests = false,
  reader = createLayerReader(detectors, { hasFileDigests }),
  recorder = createLayerRecorder({ store, detectors }),
}: LocalWorkerOptions): Worker {
  return createWorker({
    store,
    engineVersion: engineVersionOf(detectors, hasFileDigests),
    hasFileDigests,
    reader,
    recorder,
  });
}
