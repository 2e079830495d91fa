import { createLayerReader } from '../layer/layer-reader.ts';
import { createLayerRecorder } from '../layer-recorder.ts';
import { createWorker, type Worker, type WorkerOptions } from '../worker.ts';

/** Creates a worker that by default reads and records layers in this thread. */
export function createLocalWorker({
  store,
  detectors,
  hasFileDigests = false,
  reader = createLayerReader(detectors, { hasFileDigests }),
  recorder = createLayerRecorder({ store, detectors }),
}: Omit<WorkerOptions, 'reader' | 'recorder'> & Partial<WorkerOptions>): Worker {
  return createWorker({ store, detectors, hasFileDigests, reader, recorder });
}
